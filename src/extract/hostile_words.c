#include "extract/hostile_words.h"

/* W40: at most 40 characters of the same sentence. */
#define WITHIN(n) "[^.!?\\n]{0," #n "}?"

const char *const hostile_patterns[] = {
    [HOSTILE_OVERRIDE] =
        "(?i)"
        "\\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget|neglect|"
        "overrid(?:es?|ing)|bypass(?:ing)?|skip|do not (?:follow|obey)|"
        "don't (?:follow|obey)|stop following)\\b" WITHIN(
            40) "\\b(?:previous|prior|above|preceding|earlier|foregoing|all|"
                "any|your|these|those|every|everything|system|original|"
                "initial|given|existing|other|my|the|what|safety|content|"
                "toutes|todas|tudo|as|les|las)"
                "\\b" WITHIN(
                    40) "\\b(?:instructions?|prompts?|rules?|directions?|"
                        "directives?|guidelines?|commands?|context|messages?|"
                        "rubric|criteria|constraints?|restrictions?|told|said|"
                        "guidance|guardrails?|filters?|evaluation|start "
                        "over|instru\\w+|"
                        "consignes|pr\xc3\xa9"
                        "c\xc3\xa9"
                        "dentes|anteriores|anterior|"
                        "above|before|programming|training|safeguards?|input|"
                        "resumes?|candidates?|applicants?)\\b",
    [HOSTILE_ROLE] =
        "(?i)"
        "\\b(?:you are|you're|act as|will now act|behave as|pretend(?: to be|"
        " you are| that you)?|roleplay as|simulate|enable|enter|"
        "switch to|as)\\b" WITHIN(
            40) "\\b(?:assistant|an? ai|ai model|gpt|chatgpt|dan|"
                "(?:developer|debug|god|admin|dan) mode|jailbr\\w+|"
                "language model|llm|unrestricted|unfiltered|evaluator|"
                "hiring manager|(?:expert |helpful )*(?:recruiter|interviewer)|"
                "\\w*bot|no longer|no restrictions|without restrictions)\\b",
    [HOSTILE_VERDICT] =
        "(?i)"
        "\\b(?:give|rate|score|rank|grade|assign|award|evaluate|"
        "mark|classify|treat|consider|recommend|hire|select|"
        "shortlist|put|place|move|advance|approve|accept)\\b" WITHIN(
            40) "\\b(?:candidates?|applicants?|resume|cv|profile|score|"
                "rating|me|him|her|them)\\b" WITHIN(
                    60) "(?:\\b(?:10|ten|100|highest|maximum|max|perfect|top|"
                        "full|"
                        "best|immediate\\w*|excellent|strongest|first|hired?|"
                        "interview|ideal|outstanding|regardless|"
                        "unconditional\\w*)\\b|\\d/\\d|a\\+|100 "
                        "?%)|\\b(?:give|assign|"
                        "set|return|deserves?)\\b" WITHIN(
                            40) "\\b(?:"
                                "maximum|highest|full|top|perfect|best) "
                                "(?:possible )?"
                                "(?:marks?|scores?|ratings?|points?|grades?)"
                                "\\b",
    [HOSTILE_ORDER] =
        "(?i)"
        "\\b(?:you (?:must|should|will|shall|have to|need to|are to|"
        "are required to)|(?:imperative|important|essential|crucial|vital) "
        "(?:that )?you|please|always|only|simply|just|now|"
        "then)(?: always| only| now| simply| just|"
        " then)* (?:recommend|hire|select|shortlist|approve|output|"
        "respond|reply|answer|return|print|say|ignore|reveal|write|"
        "include|set|add|append|report|state)\\b" WITHIN(
            60) "\\b(?:candidates?|applicants?|person|with|only|yes|json|"
                "following|"
                "exactly|that|null|score|field|true|word|sentence|rating|"
                "instead)\\b|\\bdo not "
                "(?:mention|evaluate|consider|penali[sz]e|"
                "question|reveal|disclose|report|extract)\\b|\\binstead of (?:"
                "summari[sz]|extract|evaluat|rating|scoring|reading)\\w*",
    [HOSTILE_REVEAL] =
        "(?i)"
        "\\b(?:reveal|print|output|repeat|show|leak|disclose|"
        "display|summari[sz]e|tell me|what (?:is|are|was|were)|"
        "copy|translate)\\b" WITHIN(
            40) "\\b(?:text above|(?:system|initial|hidden|secret|original|"
                "your|above|previous) (?:prompts?|instructions?|messages?|"
                "rules|text|system prompt))\\b",
    [HOSTILE_ANNOUNCE] =
        "(?i)"
        "\\b(?:new|updated|revised|additional|real|actual|true|llm|ai|model|"
        "important|secret|hidden|special|priority|urgent|admin\\w*|"
        "system|final) (?:system )?(?:instructions?|prompts?|"
        "directives?|task|commands?|"
        "override)\\b(?:(?: \\w+){0,3} ?(?::|=|->)| (?:is|are|follow))|"
        "\\b(?:begin|end|start|"
        "close)(?:ning)? of (?:the )?(?:system|instructions?|"
        "prompt|resume|document|context|user input|data)\\b|"
        "\\b(?:begin|end|start) (?:system|user|assistant) (?:message|"
        "prompt|instructions?)\\b",
    [HOSTILE_ADDRESS] =
        "(?i)"
        "\\b(?:attention|note|notice|message|instructions?|memo|"
        "hint|dear|hey|hello|hi|to|for|if you are|if you're|any|"
        "are you)\\b[ ,:!-]*(?:to |for |all |any |the |an? |"
        "automated |of )*(?:ai|llms?|(?:large )?language models?|"
        "gpt(?:-\\d\\w*)?|chatgpt|claude|gemini|chatbots?|bots?|"
        "(?:reviewer|screener|recruiter|screening|hiring) ai|"
        "ai (?:assistants?|models?|systems?|reviewers?|screeners?|"
        "recruiters?|agents?|evaluators?)|hiring (?:bot|ai|system|"
        "algorithm)|screening (?:ai|bot|system|software)|"
        "automated (?:system|screener|reviewer|evaluator)s?|"
        "assistants?|evaluators?|parsers?)\\b(?: (?:reading|"
        "processing|reviewing|evaluating|screening|parsing|that|"
        "which|who)\\b| ?[:;,!-]+\\s)",
    [HOSTILE_MARKER] =
        "(?i)"
        "(?:^|\\n)[ #>*\"'`\\[({<|=-]*(?:system|assistant|human|user|"
        "developer|ai)(?: prompt| message)?[ *\"'`\\])}>|=-]*:|"
        "\"role\" ?: ?\"(?:system|user|assistant|developer)\"",
};

#define BIT(kind) (1u << HOSTILE_##kind)

const struct hostile_row hostile_rows[] = {
    { "instruct", BIT(OVERRIDE) | BIT(REVEAL) | BIT(ANNOUNCE) | BIT(ORDER) },
    { "disregar", BIT(OVERRIDE) },
    { "ignore a", BIT(OVERRIDE) },
    { "ignore e", BIT(OVERRIDE) },
    { "ignore m", BIT(OVERRIDE) },
    { "ignore o", BIT(OVERRIDE) },
    { "ignore p", BIT(OVERRIDE) },
    { "ignore t", BIT(OVERRIDE) },
    { "ignore w", BIT(OVERRIDE) },
    { "ignore y", BIT(OVERRIDE) },
    { "ignoring", BIT(OVERRIDE) },
    { "forget a", BIT(OVERRIDE) },
    { "forget e", BIT(OVERRIDE) },
    { "forget p", BIT(OVERRIDE) },
    { "forget t", BIT(OVERRIDE) },
    { "forget w", BIT(OVERRIDE) },
    { "forget y", BIT(OVERRIDE) },
    { "override", BIT(OVERRIDE) | BIT(ANNOUNCE) },
    { "overriding", BIT(OVERRIDE) },
    { "bypass a", BIT(OVERRIDE) },
    { "bypass c", BIT(OVERRIDE) },
    { "skip the ", BIT(OVERRIDE) },
    { "bypass t", BIT(OVERRIDE) },
    { "bypass y", BIT(OVERRIDE) },
    { "bypassing", BIT(OVERRIDE) },
    { "stop following", BIT(OVERRIDE) },
    { "not follow", BIT(OVERRIDE) },
    { "don't follow", BIT(OVERRIDE) },
    { "previous ", BIT(OVERRIDE) | BIT(REVEAL) },
    { "you are ", BIT(ROLE) },
    { "act as a", BIT(ROLE) },
    { "pretend ", BIT(ROLE) },
    { "roleplay", BIT(ROLE) },
    { "language model", BIT(ROLE) | BIT(ADDRESS) },
    { "developer mode", BIT(ROLE) },
    { "debug mode", BIT(ROLE) },
    { "jailbrea", BIT(ROLE) },
    { " dan mode", BIT(ROLE) },
    { " chatgpt", BIT(ROLE) | BIT(ADDRESS) },
    { " candidate", BIT(VERDICT) | BIT(ORDER) },
    { " applicant", BIT(VERDICT) | BIT(ORDER) },
    { "highest ", BIT(VERDICT) },
    { "maximum ", BIT(VERDICT) },
    { "perfect ", BIT(VERDICT) },
    { "top score", BIT(VERDICT) },
    { "this resume", BIT(VERDICT) },
    { "this profile", BIT(VERDICT) },
    { "this cv ", BIT(VERDICT) },
    { "full marks", BIT(VERDICT) },
    { "top marks", BIT(VERDICT) },
    { "hire me ", BIT(VERDICT) },
    { "hire this", BIT(VERDICT) },
    { "recommend", BIT(VERDICT) | BIT(ORDER) },
    { "this person", BIT(VERDICT) | BIT(ORDER) },
    { "imperative", BIT(ORDER) },
    { "do not mention", BIT(ORDER) },
    { "do not evaluate", BIT(ORDER) },
    { "do not consider", BIT(ORDER) },
    { "do not penali", BIT(ORDER) },
    { "do not question", BIT(ORDER) },
    { "do not reveal", BIT(ORDER) },
    { "do not extract", BIT(ORDER) },
    { "instead of ", BIT(ORDER) },
    { "you must", BIT(ORDER) },
    { "you should", BIT(ORDER) },
    { "you will ", BIT(ORDER) | BIT(ROLE) },
    { "you have to", BIT(ORDER) },
    { "you need to", BIT(ORDER) },
    { "respond with", BIT(ORDER) },
    { "respond only", BIT(ORDER) },
    { "reply with", BIT(ORDER) },
    { "answer with", BIT(ORDER) },
    { "answer only", BIT(ORDER) },
    { "output only", BIT(ORDER) },
    { "output the", BIT(ORDER) | BIT(REVEAL) },
    { "output exactly", BIT(ORDER) },
    { "return only", BIT(ORDER) },
    { "print exactly", BIT(ORDER) },
    { "system prompt", BIT(REVEAL) | BIT(ANNOUNCE) },
    { "system message", BIT(REVEAL) },
    { "your prompt", BIT(REVEAL) },
    { "text above", BIT(REVEAL) },
    { "above text", BIT(REVEAL) },
    { "your initial", BIT(REVEAL) },
    { "system instruction", BIT(REVEAL) },
    { "new task", BIT(ANNOUNCE) },
    { "begin system", BIT(ANNOUNCE) },
    { "end system", BIT(ANNOUNCE) },
    { "directive", BIT(ANNOUNCE) },
    { "end of resume", BIT(ANNOUNCE) },
    { "end of document", BIT(ANNOUNCE) },
    { "end of the ", BIT(ANNOUNCE) },
    { "end of user", BIT(ANNOUNCE) },
    { "attention", BIT(ADDRESS) },
    { "screening", BIT(ADDRESS) },
    { "automated ai", BIT(ADDRESS) },
    { "automated llm", BIT(ADDRESS) },
    { "automated language m", BIT(ADDRESS) },
    { "automated large lang", BIT(ADDRESS) },
    { "automated gpt", BIT(ADDRESS) },
    { "automated chatgpt", BIT(ADDRESS) },
    { "automated claude", BIT(ADDRESS) },
    { "automated gemini", BIT(ADDRESS) },
    { "automated chatbot", BIT(ADDRESS) },
    { "automated bot", BIT(ADDRESS) },
    { "automated review", BIT(ADDRESS) },
    { "automated screen", BIT(ADDRESS) },
    { "automated recruit", BIT(ADDRESS) },
    { "automated hiring", BIT(ADDRESS) },
    { "automated system", BIT(ADDRESS) },
    { "automated evaluat", BIT(ADDRESS) },
    { "automated assistant", BIT(ADDRESS) },
    { "automated parser", BIT(ADDRESS) },
    { "automated automated", BIT(ADDRESS) },
    { "reviewer ai", BIT(ADDRESS) },
    { "dear ai,", BIT(ADDRESS) },
    { "dear llm", BIT(ADDRESS) },
    { "any ai r", BIT(ADDRESS) },
    { "ai reading", BIT(ADDRESS) },
    { "the llm ", BIT(ADDRESS) },
    { "to llms ", BIT(ADDRESS) },
    { "for llms", BIT(ADDRESS) },
    { "all llms", BIT(ADDRESS) },
    { "ai model", BIT(ADDRESS) | BIT(ROLE) },
    { "ai assistant", BIT(ADDRESS) | BIT(ROLE) },
    { "ai recruit", BIT(ADDRESS) },
    { "ai review", BIT(ADDRESS) },
    { "ai screen", BIT(ADDRESS) },
    { "ai system", BIT(ADDRESS) },
    { "ai evaluator", BIT(ADDRESS) },
    { "to the ai", BIT(ADDRESS) },
    { "to any ai", BIT(ADDRESS) },
    { "for the ai", BIT(ADDRESS) },
    { "if you are a", BIT(ADDRESS) },
    { "to claude", BIT(ADDRESS) },
    { "to gemini", BIT(ADDRESS) },
    { "hiring bot", BIT(ADDRESS) },
    { "assistant:", BIT(MARKER) },
    { "\nsystem:", BIT(MARKER) },
    { "\nhuman: ", BIT(MARKER) },
    { "# system", BIT(MARKER) },
    { "# assistant", BIT(MARKER) },
    { "system]: ", BIT(MARKER) },
    { "assistant]", BIT(MARKER) },
    { "# instruction", 0 },
    { "\"content\"", BIT(MARKER) },
    { "\"messages\"", BIT(MARKER) },
    { "\"score\":", BIT(NOTE) },
    { "\"overall\"", BIT(NOTE) },
    { "from now on", 0 },
    { "act as if", 0 },

    { "ignoriere alle", 0 },
    { "ignoriere die", 0 },
    { "ignoriere bitte", 0 },
    { "ignorieren sie", 0 },
    { "vergiss alle", 0 },
    { "vergiss die", 0 },
    { "vergessen sie alle", 0 },
    { "missachte alle", 0 },
    { "befolge nicht", 0 },

    { "ignorez toutes", 0 },
    { "ignorez les", 0 },
    { "ignore les instru", 0 },
    { "oublie toutes", 0 },
    { "oubliez toutes", 0 },
    { "oublie tout ce", 0 },
    { "oubliez tout ce", 0 },
    { "ne tiens pas compte des instru", 0 },
    { "ne tenez pas compte des instru", 0 },

    { "ignora todas", 0 },
    { "ignora las instru", 0 },
    { "ignore las instru", 0 },
    { "olvida todas", 0 },
    { "olvida las instru", 0 },
    { "olvide todas", 0 },
    { "haz caso omiso", 0 },
    { "haga caso omiso", 0 },
    { "ignora todo lo anterior", 0 },

    { "ignora as instru", 0 },
    { "esqueça as instru", 0 },
    { "esqueça todas", 0 },
    { "desconsidere as instru", 0 },
    { "desconsidere todas", 0 },

    { "ignora tutte", 0 },
    { "ignora le istru", 0 },
    { "dimentica tutte", 0 },
    { "dimentica le istru", 0 },
    { "ignora qualsiasi", 0 },

    { "negeer alle", 0 },
    { "negeer de instru", 0 },
    { "negeer de vorige", 0 },
    { "vergeet alle", 0 },
    { "negeer eerdere", 0 },

    { "zignoruj wszyst", 0 },
    { "zignoruj poprz", 0 },
    { "ignoruj wszyst", 0 },
    { "ignoruj poprz", 0 },
    { "zapomnij wszyst", 0 },
    { "zapomnij o wszyst", 0 },

    { "ignoruj všechny", 0 },
    { "ignorujte všechny", 0 },
    { "ignoruj předch", 0 },
    { "ignorujte předch", 0 },
    { "zapomeň na všechny", 0 },

    { "ignorera alla", 0 },
    { "ignorera tidigare", 0 },
    { "glöm alla", 0 },
    { "ignorer alle", 0 },
    { "ignorér alle", 0 },
    { "glem alle", 0 },
    { "unohda kaikki", 0 },
    { "älä huomioi", 0 },

    { "гнорируй предыдущ", 0 },
    { "гнорируй все", 0 },
    { "гнорируйте все", 0 },
    { "гнорируйте предыдущ", 0 },
    { "гнорируй инструкц", 0 },
    { "забудь все", 0 },
    { "забудьте все", 0 },
    { "забудь предыдущ", 0 },
    { "не обращай внимания на инструкц", 0 },
    { "не следуй инструкц", 0 },

    { "гноруй попередні", 0 },
    { "гноруй усі", 0 },
    { "гноруй всі", 0 },
    { "гноруйте попередні", 0 },
    { "забудь усі", 0 },
    { "забудь попередні", 0 },

    { "αγνόησε τις", 0 },
    { "αγνοήστε τις", 0 },
    { "αγνόησε όλες", 0 },
    { "ξέχασε όλες", 0 },

    { "önceki talimat", 0 },
    { "tüm talimat", 0 },
    { "talimatları yok say", 0 },
    { "talimatları görmezden", 0 },
    { "önceki komut", 0 },

    { "bỏ qua các hướng", 0 },
    { "bỏ qua tất cả", 0 },
    { "bỏ qua mọi", 0 },
    { "quên tất cả", 0 },
    { "bỏ qua hướng dẫn", 0 },

    { "abaikan semua", 0 },
    { "abaikan instruksi", 0 },
    { "abaikan perintah", 0 },
    { "lupakan semua", 0 },
    { "lupakan instruksi", 0 },

    { "忽略之前", 0 },
    { "忽略以上", 0 },
    { "忽略上述", 0 },
    { "忽略所有", 0 },
    { "忽略先前", 0 },
    { "忽略前面", 0 },
    { "忽略此前", 0 },
    { "忽略一切", 0 },
    { "无视之前", 0 },
    { "无视以上", 0 },
    { "无视所有", 0 },
    { "无视上述", 0 },
    { "無視之前", 0 },
    { "無視以上", 0 },
    { "無視所有", 0 },
    { "忘记之前", 0 },
    { "忘记以上", 0 },
    { "忘记所有", 0 },
    { "忘記之前", 0 },
    { "忘記以上", 0 },
    { "不要遵守", 0 },
    { "系统提示词", 0 },
    { "系統提示", 0 },

    { "以前の指示", 0 },
    { "上記の指示", 0 },
    { "これまでの指示", 0 },
    { "前の指示", 0 },
    { "すべての指示", 0 },
    { "全ての指示", 0 },
    { "指示を無視", 0 },
    { "命令を無視", 0 },
    { "指示は無視", 0 },
    { "システムプロンプト", 0 },

    { "이전 지시", 0 },
    { "이전의 지시", 0 },
    { "지시를 무시", 0 },
    { "지시사항을 무시", 0 },
    { "명령을 무시", 0 },
    { "모든 지시", 0 },
    { "앞의 지시", 0 },
    { "위의 지시", 0 },
    { "시스템 프롬프트", 0 },

    { "تجاهل جميع", 0 },
    { "تجاهل كل", 0 },
    { "تجاهل التعليمات", 0 },
    { "تجاهل الأوامر", 0 },
    { "انس كل", 0 },
    { "انسَ كل", 0 },

    { "התעלם מכל", 0 },
    { "התעלם מההוראות", 0 },
    { "התעלמי מ", 0 },
    { "שכח את כל", 0 },

    { "निर्देशों को अनदेखा", 0 },
    { "निर्देशों को नज़रअंदाज़", 0 },
    { "पिछले निर्देश", 0 },
    { "सभी निर्देश", 0 },
    { "पिछले सभी निर्देश", 0 },

    { "ละเว้นคำสั่ง", 0 },
    { "ไม่ต้องสนใจคำสั่ง", 0 },
    { "เพิกเฉยต่อคำสั่ง", 0 },
    { "ลืมคำสั่ง", 0 },

    { "نادیده بگیر", 0 },
    { "دستورات قبلی", 0 },
};
const size_t hostile_row_count = ARRAY_LEN(hostile_rows);

/* After <, small letters; what begins so is a chat template's token or looks
 * like our own delimiters. */
static const char *const after_angle[] = {
    "|",
    "document",
    "/document",
    "resume",
    "/resume",
    "system",
    "/system",
    "user>",
    "/user>",
    "assistant",
    "/assistant",
    "s>",
    "/s>",
    "<sys",
    "</sys",
    "/sys",
    "start_of_turn",
    "end_of_turn",
    "think",
    "/think",
    "tool_call",
    "/tool_call",
    "instruction",
    "/instruction",
    "prompt",
    "/prompt",
    "bos>",
    "eos>",
    "pad>",
    "unk>",
    "im_start",
    "im_end",
    "endoftext",
    "tool_response",
    "function_call",
    "developer>",
    "human>",
    "/human>",
    NULL,
};
static const char *const after_square[] = {
    "inst]",
    "/inst]",
    "system]",
    "/system]",
    "assistant]",
    "/assistant]",
    "system message]",
    "system prompt]",
    "user]",
    "/user]",
    NULL,
};

const struct hostile_tag hostile_tags[] = {
    { '<', "\xe2\x80\xb9", after_angle },
    { '[', "(", after_square },
};
const size_t hostile_tag_count = ARRAY_LEN(hostile_tags);
