// page.mjs -- the web page in a real browser, as its users meet it.
//
//   node page.mjs URL KEYED_URL KEY FAKE FOLDER PLAYWRIGHT [CHROMIUM]
//
// URL serves without keys, KEYED_URL asks for KEY; both with the fake provider
// at FAKE as their upstream.  FOLDER holds people.csv (of 60, with
// failures in it) and gets the screenshots.  Prints TAP lines without a plan.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";

const [url, keyed, key, fake, folder, modules, chromium] =
  process.argv.slice(2);
const { chromium: browserType } = createRequire(
  path.join(modules, "node_modules", "x"))("playwright-core");
const shots = path.join(folder, "screenshots");
mkdirSync(shots, { recursive: true });
let n = 0;

function ok(good, name) {
  console.log(`${good ? "ok" : "not ok"} ${++n} - ${name}`);
}

function eq(got, wanted, name) {
  const same = JSON.stringify(got) === JSON.stringify(wanted);
  ok(same, name);
  if (!same)
    console.log(`# got ${JSON.stringify(got)}, wanted ${
      JSON.stringify(wanted)}`);
}

// So many answers come, then none until more are let out; -1 = all.
const letOut = (count) => fetch(`${fake}/script`,
  { method: "PUT", body: `set hold=${count}\n` });

const browser = await browserType.launch({
  executablePath: chromium || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"] });

// What a page must never do is watched in all of them.
const complaints = [];
const strangers = [];

async function open(options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1100, height: 800 }, locale: "en-GB",
    acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(180000);
  page.on("console", (m) => m.type() === "error" &&
    !/status of (4|5)\d\d|ERR_FAILED/.test(m.text()) && complaints.push(m.text()));
  page.on("pageerror", (e) => complaints.push(String(e)));
  page.on("request", (r) => {
    if (!r.url().startsWith(url) && !r.url().startsWith(keyed) &&
        !r.url().startsWith("blob:"))
      strangers.push(r.url());
  });
  return page;
}

async function shoot(page, name) {
  await page.screenshot({ path: path.join(shots, `${name}.png`),
    fullPage: true });
}

const isVisible = (page, what) => page.locator(what).first().isVisible();
const text = (page, what) => page.locator(what).first().innerText();
const people = path.join(folder, "people.csv");

async function drop(page, file) {
  await page.goto(url + "/");
  await page.setInputFiles("#file", file);
}

// No part of the page is wider than the window.
async function fits(page, name) {
  const wide = await page.evaluate(() =>
    document.documentElement.scrollWidth - window.innerWidth);
  eq(wide <= 0, true, `${name} fits`);
}

// -- the way through --

async function aJobFromStartToEnd() {
  const page = await open();

  await page.goto(url + "/#/jobs");
  await page.getByText("Nothing yet.").waitFor();
  await shoot(page, "01-no-jobs");
  await page.goto(url + "/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await shoot(page, "02-start");
  // Dropped, as with a mouse.
  const data = await page.evaluateHandle((content) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([content], "people.csv"));
    return transfer;
  }, readFileSync(people, "utf8"));
  await page.dispatchEvent("#drop", "dragenter", { dataTransfer: data });
  await shoot(page, "03-over");
  await page.dispatchEvent("#drop", "drop", { dataTransfer: data });
  await page.locator("#try").waitFor();
  eq(await text(page, "h1"), "people.csv", "the table has its name");
  eq(await page.locator(".preview tbody tr").count(), 8, "its first rows");
  eq(await page.locator("#id").inputValue(), "0", "its id is guessed");
  eq(await page.locator("input[name=text]:checked").count(), 1,
    "its text is guessed");
  eq(await page.locator(".preview img").count(), 0, "a cell stays a text");
  await page.locator("dl.facts").waitFor();
  ok((await text(page, "dl.facts")).includes("60"), "an estimate");
  eq(await page.locator("#model option").allInnerTexts(),
    await page.evaluate(async () => (await (await fetch("/v1/models")).json())
      .data.map((m) => m.id)), "the models are the upstream's");
  await shoot(page, "04-table");

  await letOut(4);
  await page.click("#try");
  await page.locator("[role=progressbar]").waitFor();
  await page.locator("#pause").waitFor();
  await page.waitForFunction(() =>
    Number(document.querySelector("[role=progressbar]").ariaValueNow) > 0);
  await shoot(page, "05-running");
  await page.click("#pause");
  await page.locator("#resume").waitFor();
  ok((await text(page, "#status")).includes("Paused"), "it pauses");
  await letOut(-1);
  let before, now = "";
  do {
    before = now;
    await page.waitForTimeout(1500);
    now = await page.locator("[role=progressbar]")
      .getAttribute("aria-valuenow");
  } while (now !== before);
  ok((await text(page, "#status")).includes("Paused"), "and stands still");
  await shoot(page, "06-paused");
  await page.click("#resume");
  await page.locator("#status .good").waitFor();
  eq(await text(page, "#status"), "Done", "it goes on to its end");
  ok((await page.locator("#live").textContent()).startsWith("Done:"),
    "and that is said");
  await page.locator(".histogram").waitFor();
  eq(await page.locator(".histogram tbody tr").count(), 10, "ten scores");
  const last = await page.locator(".histogram tbody tr").last()
    .locator("td").allInnerTexts();
  eq(last[2], await page.evaluate(() => [...document.querySelectorAll(
    ".histogram tbody tr")].reduce((sum, r) => sum +
    Number(r.children[2].textContent), 0).toString()),
  "all stand at or above the lowest");
  await page.selectOption("#scale", "TechnicalScore");
  eq(await page.locator(".histogram caption").innerText(), "Technical score",
    "another score can be looked at");
  const reasons = await text(page, ".reasons");
  ok(reasons.includes("declined") && reasons.includes("Row"),
    "failures are told in words");
  await page.getByText("What came out").waitFor();
  eq(await page.locator(".tall thead th").allInnerTexts(), ["Candidate ID",
    "Technical", "Communication", "Culture fit", "Leadership", "Overall"],
  "what came out is shown, a score with its reason");
  eq([await page.locator(".tall tbody tr").count(),
    await page.locator(".tall .failed").count()], [20, 3],
  "for the rows that were tried");
  await shoot(page, "07-done");
  const [download] = await Promise.all([page.waitForEvent("download"),
    page.click("#download")]);
  eq(download.suggestedFilename(), "people_results.csv", "the table comes");
  const csv = readFileSync(await download.path(), "utf8");
  ok(csv.startsWith("\ufeffCandidate ID,Name,Profile,TechnicalScore"),
    "with her columns first");
  // All of it, cancelled.
  await page.getByText("Now start all").click();
  await page.locator("#all").waitFor();
  await page.getByText("as fast as your last job").waitFor();
  eq(await page.locator("#all").getAttribute("class"), "main",
    "after a try, all of it is what comes next");
  await shoot(page, "08-learned");
  await letOut(4);
  await page.click("#all");
  await page.click("#cancel");
  await page.locator("#yes").waitFor();
  await shoot(page, "09-sure");
  await page.click("#yes");
  await letOut(-1);
  await page.locator("#status .warn").getByText("Cancelled").waitFor();
  await shoot(page, "10-cancelled");
  await page.click("#nav-jobs");
  await page.locator(".jobs li").nth(1).waitFor();
  eq(await page.locator(".jobs li").count(), 2, "both jobs are listed");
  await shoot(page, "11-jobs");
  await page.locator(".jobs a").nth(1).click();
  await page.locator("#status .good").waitFor();
  ok(await isVisible(page, "#download"), "an earlier one opens");
  await page.reload();
  await page.locator(".histogram").waitFor();
  ok(true, "and stands a reload");
  await page.context().close();
}

async function mistakesAreTold() {
  const page = await open();
  await drop(page, { name: "people.xlsx", mimeType: "x/y",
    buffer: Buffer.from("PK\x03\x04rest") });
  await page.getByRole("alert").waitFor();
  ok((await text(page, "[role=alert]")).includes("CSV UTF-8"),
    "a spreadsheet: what to do");
  await shoot(page, "12-refused");
  await drop(page, { name: "odd.csv", mimeType: "text/csv", buffer:
    Buffer.from("id,text\n1,<img src=x onerror=alert(1)>\n2,a,b\n") });
  await page.getByText("could not be read and is left out").waitFor();
  ok(await isVisible(page, ".note.warn li"), "rows left out are told");
  eq(await page.locator("#try").isHidden(), true,
    "few rows are not tried first");
  await page.locator("input[name=text]:checked").first().uncheck();
  await page.getByText("Choose at least one column").waitFor();
  eq(await page.locator("#all").isDisabled(), true,
    "nothing starts without a column");
  await shoot(page, "13-odd");
  await drop(page, { name: "in.jsonl", mimeType: "x/y", buffer: Buffer.from(
    '{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":' +
    '{"model":"m","messages":[{"role":"user","content":"Hello"}]}}\n') });
  await page.click("#run");
  await page.locator("#status .good").waitFor();
  ok((await text(page, "h1")) === "in.jsonl" &&
    await isVisible(page, "#download"), "lines of requests are run as they are");
  await page.goto(url + "/#/job/batch_none");
  await page.getByRole("alert").waitFor();
  ok(true, "a job that isn't there");
  await shoot(page, "14-no-such-job");
  await page.route("**/page/options", (r) => r.abort());
  await page.goto(url + "/#/jobs");
  await page.getByText("can't be reached").waitFor();
  ok(true, "a server that is gone");
  await shoot(page, "15-gone");
  await page.context().close();
}

// -- with keys alone --

const tabTo = async (page, what) => {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    const [there, ring] = await page.evaluate((w) => {
      const at = document.activeElement;
      const drawn = (e) => getComputedStyle(e).outlineStyle !== "none";
      return [at.matches(w), drawn(at) ||
        (at.id === "file" && drawn(document.getElementById("drop")))];
    }, what);
    if (!ring)
      return "no focus to be seen";
    if (there)
      return "";
  }
  return "not reached";
};

async function theKeyboardIsEnough() {
  const page = await open();
  await page.goto(url + "/");
  await page.locator("#file").waitFor({ state: "attached" });
  await page.keyboard.press("Tab");
  ok(await page.evaluate(() => document.activeElement.matches(".skip")),
    "first there is a way past the head");
  eq(await tabTo(page, "#file"), "", "the file field is reached");
  await shoot(page, "16-focus");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"),
    page.keyboard.press("Space")]);
  await chooser.setFiles(people);
  await page.locator("#try").waitFor();
  eq(await tabTo(page, "input[name=text]"), "", "the columns");
  await page.keyboard.press("Space");
  eq(await page.locator("input[name=text]").first().isChecked(), true,
    "are chosen with the space bar");
  await page.keyboard.press("Space");
  eq(await tabTo(page, "#id"), "", "the id");
  eq(await tabTo(page, "input[name=profile]"), "", "the profile");
  eq(await tabTo(page, "#model"), "", "the model");
  await page.locator("#try:enabled").waitFor();
  eq(await tabTo(page, "#try"), "", "the start");
  await letOut(4);
  await page.keyboard.press("Enter");
  await page.locator("#pause").waitFor();
  eq(await tabTo(page, "#pause"), "", "the pause");
  await page.keyboard.press("Enter");
  await page.locator("#resume").waitFor();
  ok(await page.evaluate(() => document.activeElement.closest(".actions")),
    "the focus stays where it was");
  eq(await page.evaluate(() => {
    document.getElementById("cancel").focus();
    return document.activeElement.id;
  }), "cancel", "the cancelling");
  await page.keyboard.press("Enter");
  await page.locator("#yes").waitFor();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement.id === "cancel");
  eq(await page.locator("#yes").isHidden(), true, "is not done by mistake");
  await page.keyboard.press("Enter");
  await page.locator("#yes").waitFor();
  await page.keyboard.press("Enter");
  await letOut(-1);
  await page.locator("#status").getByText("Cancelled").waitFor();
  ok(true, "and is done on purpose");
  await page.context().close();
}

// -- looks --

async function itFitsAPhoneInTheDark() {
  const page = await open({ viewport: { width: 360, height: 740 },
    colorScheme: "dark", reducedMotion: "reduce" });
  await page.goto(url + "/");
  await page.locator("#drop").waitFor();
  await fits(page, "the start at 360 px");
  await shoot(page, "17-phone-start");
  await page.setInputFiles("#file", people);
  await page.locator("dl.facts").waitFor();
  await fits(page, "the table at 360 px");
  await shoot(page, "18-phone-table");
  await page.click("#nav-jobs");
  await page.locator(".jobs li").first().waitFor();
  await fits(page, "the list at 360 px");
  await shoot(page, "19-phone-jobs");
  await page.locator(".jobs a", { hasText: /people.csv\s*Done/ }).first().click();
  await page.locator(".histogram").waitFor();
  await fits(page, "a job at 360 px");
  await shoot(page, "20-phone-done");
  eq(await page.evaluate(() => getComputedStyle(document.body)
    .backgroundColor), "rgb(17, 22, 20)", "it is dark where that is wished");
  eq(await page.evaluate(() => getComputedStyle(document.querySelector(
    ".bar .done")).transitionDuration), "0s", "and still where that is");
  await page.context().close();
}

// Text against what is behind it, WCAG's 4.5 to 1.
async function everyWordCanBeRead() {
  for (const colorScheme of ["light", "dark"]) {
    const page = await open({ colorScheme });
    await page.goto(url + "/#/jobs");
    await page.locator(".jobs a", { hasText: /people.csv\s*Done/ }).first().click();
    await page.locator(".reasons").waitFor();
    const poor = await page.evaluate(() => {
      const parse = (c) => (c.match(/[\d.]+/g) || []).map(Number);
      const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) =>
        v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const behind = (e) => {
        for (; e; e = e.parentElement) {
          const c = parse(getComputedStyle(e).backgroundColor);
          if (c.length === 3 || c[3] > 0)
            return c;
        }
        return [255, 255, 255];
      };
      const bad = [];
      for (const e of document.querySelectorAll("body *")) {
        const own = [...e.childNodes].some((c) => c.nodeType === 3 &&
          c.textContent.trim());
        if (!own || !e.offsetParent || e.closest(".unseen, option"))
          continue;
        const a = light(parse(getComputedStyle(e).color));
        const b = light(behind(e));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5)
          bad.push(`${e.tagName} ${e.textContent.slice(0, 20)} ${
            ratio.toFixed(2)}`);
      }
      return bad;
    });
    eq(poor, [], `every word can be read (${colorScheme})`);
    await page.context().close();
  }
}

async function itsDataCanBeDeleted() {
  const page = await open();
  await page.goto(url + "/#/jobs");
  await page.locator(".jobs a", { hasText: /people.csv\s*Done/ }).first()
    .click();
  await page.click("#delete");
  await page.click("#yes");
  await letOut(-1);
  await page.locator("#gone").waitFor();
  eq(await page.locator("#download").count(), 0, "its data can be deleted");
  await page.reload();
  await page.locator("#gone").waitFor();
  ok(true, "and stays so");
  await shoot(page, "21-deleted");
  await page.context().close();
}

// -- with a key --

async function aKeyIsAskedFor() {
  const page = await open();
  await page.goto(keyed + "/");
  await page.locator("#key").waitFor();
  ok(true, "a key is asked for");
  await shoot(page, "22-key");
  await page.fill("#key", "wrong");
  await page.keyboard.press("Enter");
  await page.getByText("doesn't know that key").waitFor();
  await shoot(page, "23-wrong-key");
  await page.fill("#key", key);
  await page.keyboard.press("Enter");
  await page.locator("#file").waitFor({ state: "attached" });
  await page.setInputFiles("#file", people);
  await page.click("#try");
  await page.locator("#status .good").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"),
    page.click("#download")]);
  ok((await download.path()) !== null, "with it all is as without");
  eq(await page.evaluate(() => [localStorage.length, document.cookie]),
    [0, ""], "it is kept in the tab only");
  await page.click("#forget");
  await page.locator("#key").waitFor();
  ok(true, "and forgotten when that is wished");
  await page.context().close();
}

for (const test of [aJobFromStartToEnd, mistakesAreTold, theKeyboardIsEnough,
  itFitsAPhoneInTheDark, everyWordCanBeRead, itsDataCanBeDeleted,
  aKeyIsAskedFor]) {
  try {
    await test();
  } catch (error) {
    ok(false, `${test.name}: ${String(error).split("\n")[0]}`);
    console.log(String(error.stack).replace(/^/gm, "# "));
  }
}
eq(complaints, [], "the browser had nothing to complain of");
eq(strangers, [], "nobody else was asked for anything");
await browser.close();
