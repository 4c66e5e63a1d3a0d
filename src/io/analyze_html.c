/*
 * analyze_html.c -- an analysis for a browser: one page, inline SVG, no
 * scripts, nothing fetched.
 */
#include "io/analyze.h"

#define PLOT_WIDTH 640
#define PLOT_HEIGHT 220
#define LEFT 70 /* of the plot's area */
#define RIGHT 20

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
    "'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<style>\n"
    "body{font:16px/1.5 system-ui,sans-serif;color:#222;background:#fff;"
    "max-width:44em;margin:2em auto;padding:0 1em}\n"
    "h1{font-size:1.4em}h2{font-size:1.1em;margin-top:2em}\n"
    "pre{font:13px/1.45 ui-monospace,monospace;overflow-x:auto;"
    "background:#f6f6f4;padding:1em}\n"
    "svg{width:100%;height:auto}\n"
    "svg text{font:12px system-ui,sans-serif;fill:#444}\n"
    "rect{fill:#37659e}\n"
    "polyline{fill:none;stroke:#37659e;stroke-width:2}\n"
    "line{stroke:#bbb}\n"
    "@media(prefers-color-scheme:dark){body{background:#1b1b1d;color:#ddd}"
    "pre{background:#26262a}svg text{fill:#bbb}rect{fill:#7aa7dd}"
    "polyline{stroke:#7aa7dd}line{stroke:#555}}\n"
    "</style>\n";

static void escape(struct strbuf *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '<')
            strbuf_adds(out, "&lt;");
        else if (*s == '&')
            strbuf_adds(out, "&amp;");
        else if (*s == '"')
            strbuf_adds(out, "&quot;");
        else
            strbuf_addc(out, *s);
    }
}

static void open_plot(struct strbuf *out, const char *title, int height)
{
    strbuf_addf(out,
                "<h2>%s</h2>\n<svg role=\"img\" aria-label=\"%s\" "
                "viewBox=\"0 0 %d %d\" xmlns=\"http://www.w3.org/2000/svg\">\n",
                title, title, PLOT_WIDTH, height);
}

static void histogram(const struct analysis *a, struct strbuf *out)
{
    struct analysis_row rows[ANALYZE_ROWS];
    size_t count = analysis_histogram(a, rows), i;
    int room = PLOT_WIDTH - LEFT - 130;
    int64_t most = 1;

    if (!count)
        return;
    for (i = 0; i < count; i++)
        if (rows[i].count > most)
            most = rows[i].count;
    open_plot(out, "Scores", (int)(20 * count + 10));
    for (i = 0; i < count; i++) {
        int y = (int)(20 * i);
        double width = (double)room * (double)rows[i].count / (double)most;

        strbuf_addf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">",
                    LEFT - 8, y + 15);
        escape(out, rows[i].label);
        strbuf_addf(out,
                    "</text><rect x=\"%d\" y=\"%d\" width=\"%.1f\" "
                    "height=\"14\"/><text x=\"%.1f\" y=\"%d\">%lld "
                    "(%.1f %%)</text>\n",
                    LEFT, y + 4, width, LEFT + width + 6, y + 15,
                    (long long)rows[i].count, rows[i].percent);
    }
    strbuf_adds(out, "</svg>\n");
}

/* A line through points of even distance, from low to high. */
static void curve(struct strbuf *out, const double *values, size_t count,
                  double low, double high)
{
    double room = PLOT_WIDTH - LEFT - RIGHT, x, y;
    size_t i;

    strbuf_addf(out,
                "<line x1=\"%d\" y1=\"10\" x2=\"%d\" y2=\"%d\"/>"
                "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n"
                "<text x=\"%d\" y=\"18\" text-anchor=\"end\">%.3g</text>"
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.3g</text>\n"
                "<polyline points=\"",
                LEFT, LEFT, PLOT_HEIGHT - 20, LEFT, PLOT_HEIGHT - 20,
                PLOT_WIDTH - RIGHT, PLOT_HEIGHT - 20, LEFT - 8, high, LEFT - 8,
                PLOT_HEIGHT - 20, low);
    for (i = 0; i < count; i++) {
        x = LEFT + room * (double)i / (double)(count > 1 ? count - 1 : 1);
        y = PLOT_HEIGHT - 20 -
            (PLOT_HEIGHT - 30) * (values[i] - low) /
                (high > low ? high - low : 1);
        strbuf_addf(out, "%s%.1f,%.1f", i ? " " : "", x, y);
    }
    strbuf_adds(out, "\"/>\n</svg>\n");
}

static void course(const struct analysis *a, struct strbuf *out)
{
    double means[ANALYZE_PARTS];
    size_t count = analysis_course(a, means);
    double low = a->scores.min, high = a->scores.max;

    if (count < 2)
        return;
    open_plot(out, "Mean score over the run", PLOT_HEIGHT);
    curve(out, means, count, low, high);
}

static void times(const struct analysis *a, struct strbuf *out)
{
    double values[20];
    size_t i;

    if (!a->timed)
        return;
    for (i = 0; i < ARRAY_LEN(values); i++)
        values[i] =
            analysis_time(a, 100.0 * (double)(i + 1) / ARRAY_LEN(values));
    open_plot(out, "Seconds a request, from the fastest to the slowest",
              PLOT_HEIGHT);
    curve(out, values, ARRAY_LEN(values), 0, a->time_max);
}

void analysis_html(const struct analysis *a, const char *title,
                   struct strbuf *out)
{
    struct strbuf text;

    strbuf_init(&text, 256 * KIB);
    analysis_text(a, &text);
    strbuf_adds(out, head);
    strbuf_adds(out, "<title>");
    escape(out, title);
    strbuf_adds(out, "</title>\n</head>\n<body>\n<h1>");
    escape(out, title);
    strbuf_adds(out, "</h1>\n");
    histogram(a, out);
    course(a, out);
    times(a, out);
    strbuf_adds(out, "<h2>Figures</h2>\n<pre>");
    escape(out, text.data);
    strbuf_adds(out, "</pre>\n</body>\n</html>\n");
    strbuf_release(&text);
}
