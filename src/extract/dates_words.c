/*
 * dates_words.c -- months and words of the languages in Latin letters.
 *
 * Where two languages mean different things by one word, the first row
 * that has it wins (English first).  Accents are folded away, except of
 * the letters d with stroke and a with ring.
 */
#include "extract/dates_private.h"

const struct dates_language dates_latin[] = {
    {
        .code = "en",
        .months = { "january jan", "february feb", "march mar", "april apr",
                    "may", "june jun", "july jul", "august aug",
                    "september sep sept", "october oct", "november nov",
                    "december dec" },
        .seasons = { "spring springs springtime", "summer summers summertime",
                     "fall falls autumn autumns", "winter winters" },
        .since = "since from as_from starting starting_from starting_in as_of "
                 "effective effective_from w_e_f wef with_effect_from "
                 "beginning_from commencing",
        .to = "to till til untill until upto up_to thru through end_date",
        .both = "and",
        .present =
            "present pres prst presently current curr cur currently now today "
            "nowadays ongoing on_going "
            "continuing continue continued continues contd cont to_date "
            "till_date til_date until_date untill_date upto_date up_to_date "
            "todate tilldate tildate till_now tillnow till_today present_day "
            "present_date current_date to_the_date till_the_date to_this_date "
            "still in_progress as_of_now as_of_today as_of_date as_on_date "
            "pursuing to_be_continued at_the_moment",
        .onwards = "onwards onward forward and_on and_counting",
        .unknown = "unknown n/a n_a na null none nil nan unspecified "
                   "undefined undisclosed not_specified not_available "
                   "not_provided not_stated not_applicable not_known "
                   "not_mentioned not_given tbd tba tbc to_be_determined "
                   "to_be_announced",
        .labels =
            "expected anticipated exp estimated est projected graduated "
            "graduate graduating graduation graduation_date class passed "
            "passed_in passed_out passed_out_in pass_out passing passing_out "
            "date dates start started starts start_date completed completion "
            "completion_date joined joining joining_date duration period "
            "tenure term terms semester semesters sem approx approximately "
            "about around circa ca awarded issued dated academic certified "
            "conferred",
        .span_labels = "ay academic_year academic_session session sessions "
                       "batch class_of a_y f_y sy fy fiscal_year "
                       "financial_year school_year",
        .qualifiers = "early mid late latter end end_of the_end_of beginning "
                      "beginning_of start_of middle middle_of",
        .units = "year years yr yrs month months mos mo mth mths week weeks "
                 "wk wks day days hour hours hr hrs minutes mins min",
        .fillers = "of the in on at by for between during this utc gmt",
        .quarter = "quarter qtr q",
        .half = "half",
        .nth = { "first", "second", "third", "fourth" },
    },
    {
        .code = "de",
        .months = { "januar jan jänner jaenner jän", "februar feb feber",
                    "märz maerz mär mrz", "april apr", "mai", "juni jun",
                    "juli jul", "august aug", "september sep sept",
                    "oktober okt", "november nov", "dezember dez" },
        .seasons = { "frühling frühjahr fruehling fruehjahr",
                     "sommer sommersemester sose ss", "herbst",
                     "wintersemester wise ws" },
        .since = "seit seit_dem ab von vom",
        .to = "bis bis_zum bis_zu bis_einschließlich",
        .both = "und",
        .present =
            "heute gegenwärtig gegenwart dato jetzt aktuell laufend "
            "lfd derzeit andauernd fortlaufend momentan zurzeit zur_zeit "
            "heutigen_tag dauert_an "
            "z_zt z_z bis_auf_weiteres derzeitig heutigen",
        .unknown = "unbekannt k_a keine_angabe "
                   "nicht_angegeben offen",
        .labels = "voraussichtlich abschluss beginn zeitraum geplant "
                  "studienbeginn",
        .qualifiers = "anfang mitte ende",
        .units = "jahr jahre jahren jahres monat monate monaten woche wochen "
                 "tag tage tagen stunden",
        .fillers = "des_jahres im am der den dem die das",
        .quarter = "quartal",
        .half = "halbjahr hälfte jahreshälfte",
        .nth = { "erstes erste ersten", "zweites zweite zweiten",
                 "drittes dritte dritten", "viertes vierte vierten" },
    },
    {
        .code = "fr",
        .months = { "janvier janv", "février févr fév", "mars", "avril avr",
                    "mai", "juin", "juillet juil juill", "août aout aou",
                    "septembre sept", "octobre oct", "novembre nov",
                    "décembre déc" },
        .seasons = { "printemps", "été", "automne", "hiver" },
        .since = "depuis depuis_le à_partir_de à_partir_du à_compter_de "
                 "à_compter_du à_partir_d",
        .to = "jusqu jusqu_à jusqu_en jusqu_au jusque",
        .both = "et à au aux",
        .present = "présente actuel actuelle actuellement maintenant "
                   "aujourd_hui aujourdhui en_cours à_ce_jour ce_jour "
                   "en_poste nos_jours de_nos_jours en_ce_moment "
                   "poste_actuel jour_actuel",
        .unknown = "inconnu inconnue non_précisé non_précisée "
                   "non_spécifié",
        .labels = "diplômé diplômée promotion obtention prévu prévue",
        .qualifiers = "début fin mi fin_de début_de milieu courant",
        .units = "an ans année années mois semaine semaines jour jours heures",
        .fillers = "de du le la les l d dans entre environ",
        .quarter = "trimestre",
        .half = "semestre",
        .nth = { "premier première", "deuxième seconde", "troisième",
                 "quatrième" },
    },
    {
        .code = "es",
        .months = { "enero ene", "febrero feb", "marzo mar", "abril abr",
                    "mayo may", "junio jun", "julio jul", "agosto ago agos",
                    "septiembre setiembre sep sept set", "octubre oct",
                    "noviembre nov", "diciembre dic" },
        .seasons = { "primavera", "verano", "otoño", "invierno" },
        .since = "desde desde_el a_partir_de a_partir_del",
        .to = "hasta hasta_el",
        .both = "y e a al",
        .present = "presente actual actualidad actualmente hoy ahora la_fecha "
                   "en_curso vigente día_de_hoy momento el_momento en_proceso "
                   "cursando fecha_actual "
                   "hoy_día",
        .unknown = "desconocido desconocida sin_especificar sin_fecha "
                   "no_especificado no_disponible",
        .labels = "previsto prevista fecha graduación",
        .qualifiers = "principios inicios finales mediados comienzos fines "
                      "principio inicio final",
        .units = "año años mes meses semana semanas día días horas",
        .fillers = "del el los las",
        .nth = { "primer primero primera", "segundo segunda",
                 "tercer tercero tercera", "cuarto cuarta" },
    },
    {
        .code = "pt",
        .months = { "janeiro jan", "fevereiro fev", "março mar", "abril abr",
                    "maio mai", "junho jun", "julho jul", "agosto ago",
                    "setembro set", "outubro out", "novembro nov",
                    "dezembro dez" },
        .seasons = { "primavera", "verão", "outono", "inverno" },
        .since = "a_partir_do a_partir_da "
                 "a_contar_de",
        .to = "até até_o até_a",
        .both = "ao",
        .present = "atual atualmente atualidade hoje agora em_andamento "
                   "andamento o_momento dias_atuais em_curso corrente "
                   "presentemente actualidade data_atual até_à_data à_data "
                   "a_data até_a_data",
        .unknown = "desconhecido desconhecida não_informado "
                   "não_especificado",
        .labels = "conclusão formatura",
        .qualifiers = "fim meados começo início fins",
        .units = "ano anos mês dia dias",
        .fillers = "das em no nos nas o os as",
        .nth = { "primeiro primeira", "", "terceiro terceira",
                 "quarto quarta" },
    },
    {
        .code = "it",
        .months = { "gennaio gen genn", "febbraio feb febbr", "marzo mar",
                    "aprile apr", "maggio mag magg", "giugno giu", "luglio lug",
                    "agosto ago", "settembre set sett", "ottobre ott",
                    "novembre nov", "dicembre dic" },
        .seasons = { "primavera", "estate", "autunno", "inverno" },
        .since = "da dal dall dallo dalla a_partire_da a_partire_dal",
        .to = "fino fino_a fino_al fino_ad sino sino_a sino_al",
        .both = "ad ed",
        .present = "oggi attuale attualmente ora in_corso tuttora adesso "
                   "ad_oggi tutt_oggi data_odierna "
                   "data_attuale odierna al_momento",
        .unknown = "sconosciuto sconosciuta "
                   "non_specificato",
        .labels = "previsto conseguito laurea",
        .qualifiers = "fine metà",
        .units = "anno anni mese mesi settimana settimane giorni ore",
        .fillers = "di dell della il lo nel nell tra",
        .nth = { "primo prima", "secondo", "terzo terza", "" },
    },
    {
        .code = "nl",
        .months = { "januari jan", "februari feb", "maart mrt", "april apr",
                    "mei", "juni jun", "juli jul", "augustus aug",
                    "september sep sept", "oktober okt", "november nov",
                    "december dec" },
        .seasons = { "lente voorjaar", "zomer", "herfst najaar", "winter" },
        .since = "vanaf sinds van "
                 "sedert",
        .to = "tot tot_en_met t/m tot_aan",
        .both = "en",
        .present = "heden nu huidig huidige vandaag lopend lopende "
                   "momenteel actueel tegenwoordig nog_steeds",
        .unknown = "onbekend",
        .labels = "verwacht afgestudeerd",
        .qualifiers = "begin eind einde medio",
        .units = "jaar jaren maand maanden weken dag dagen uur",
        .fillers = "het",
        .quarter = "kwartaal",
        .half = "halfjaar helft jaarhelft",
        .nth = { "eerste", "tweede", "derde", "vierde" },
    },
    {
        .code = "pl",
        .months = { "styczeń stycznia styczniu sty stycz",
                    "luty lutego lutym lut", "marzec marca marcu mar",
                    "kwiecień kwietnia kwietniu kwi kwiec", "maj maja maju",
                    "czerwiec czerwca czerwcu cze czer czerw",
                    "lipiec lipca lipcu lip",
                    "sierpień sierpnia sierpniu sie sierp",
                    "wrzesień września wrześniu wrz wrzes",
                    "październik października październiku paź paźdz",
                    "listopad listopada listopadzie lis",
                    "grudzień grudnia grudniu gru grudz" },
        .seasons = { "wiosna wiosny wiosną wiosnę", "lato latem",
                     "jesień jesieni jesienią", "zima zimy zimą zimę" },
        .since = "od począwszy_od",
        .to = "do aż_do",
        .both = "oraz",
        .present = "obecnie obecny teraz dziś dzisiaj nadal chwili_obecnej "
                   "teraźniejszość w_trakcie dnia_dzisiejszego trwa "
                   "aktualnie dotychczas dzień_dzisiejszy dziś_dzień",
        .unknown = "nieznany nieznana nieznane brak brak_danych",
        .labels = "planowane przewidywany ukończenie",
        .qualifiers = "początek koniec połowa początku końca końcem "
                      "początkiem połowie końcu",
        .units = "rok roku lat lata latach miesiąc miesiące miesięcy "
                 "tydzień tygodni dni r",
        .fillers = "w z ze",
        .quarter = "kwartał kwartale kwartału kw",
        .half = "półrocze półroczu półrocza poł",
        .nth = { "pierwszy pierwsze pierwszego pierwszym",
                 "drugi drugie drugiego drugim", "trzeci trzeciego trzecim",
                 "czwarty czwartego czwartym" },
    },
    {
        .code = "sv",
        .months = { "januari jan", "februari feb", "mars mar", "april apr",
                    "maj", "juni jun", "juli jul", "augusti aug",
                    "september sep sept", "oktober okt", "november nov",
                    "december dec" },
        .seasons = { "vår våren", "sommar sommaren", "höst hösten",
                     "vinter vintern" },
        .since = "från från_och_med fr_o_m sedan "
                 "f_o_m",
        .to = "t_o_m till_och_med fram_till",
        .both = "och",
        .present = "nuvarande idag i_dag pågående pågår dags_dato tills_vidare "
                   "närvarande nutid löpande "
                   "fortfarande tillsvidare nuläget",
        .unknown = "okänd okänt "
                   "ej_angivet",
        .qualifiers = "början slutet mitten tidigt sent",
        .units = "år månad månader vecka veckor dagar timmar",
        .fillers = "av det på",
        .quarter = "kvartal kvartalet kvt",
        .half = "halvår halvåret",
        .nth = { "första", "andra", "tredje", "fjärde" },
    },
    {
        .code = "da",
        .months = { "januar jan", "februar feb", "marts mar", "april apr",
                    "maj", "juni jun", "juli jul", "august aug",
                    "september sep sept", "oktober okt", "november nov",
                    "december dec" },
        .seasons = { "forår foråret", "sommer sommeren", "efterår efteråret",
                     "vinter vinteren" },
        .since = "siden fra fra_og_med",
        .to = "indtil til_og_med frem_til",
        .both = "og",
        .present = "nuværende d_d igangværende p_t nutiden "
                   "stadig fortsat",
        .unknown = "ukendt",
        .qualifiers = "begyndelsen slutningen midten primo ultimo starten",
        .units = "måned måneder uger dage timer",
        .nth = { "første", "anden andet", "", "fjerde" },
    },
    {
        .code = "no",
        .months = { "januar jan", "februar feb", "mars mar", "april apr", "mai",
                    "juni jun", "juli jul", "august aug", "september sep sept",
                    "oktober okt", "november nov", "desember des" },
        .seasons = { "vår våren", "sommer sommeren", "høst høsten",
                     "vinter vinteren" },
        .to = "inntil fram_til",
        .present = "nå nåværende nåtid "
                   "fortsatt fremdeles",
        .unknown = "ukjent",
        .qualifiers = "begynnelsen slutten",
        .units = "uker",
    },
    {
        .code = "fi",
        .months = { "tammikuu tammi", "helmikuu helmi", "maaliskuu maalis",
                    "huhtikuu huhti", "toukokuu touko", "kesäkuu kesäk",
                    "heinäkuu heinä", "elokuu elo", "syyskuu syys",
                    "lokakuu loka", "marraskuu marras", "joulukuu joulu" },
        .seasons = { "kevät keväällä keväästä kevään",
                     "kesä kesällä kesästä kesän",
                     "syksy syksyllä syksystä syksyn",
                     "talvi talvella talvesta talven" },
        .since = "alkaen lähtien vuodesta",
        .until_after = "asti saakka",
        .both = "ja",
        .present = "nykyhetki nykyhetkeen nyt nykyinen tällä_hetkellä tänään "
                   "nykyään nykyisin jatkuu toistaiseksi "
                   "edelleen meneillään kesken tähän_päivään",
        .unknown = "tuntematon ei_tiedossa",
        .qualifiers = "alku loppu alussa lopussa puolivälissä",
        .units = "vuosi vuotta vuoden vuoteen kuukausi kuukautta viikkoa "
                 "päivää kk v",
        .quarter = "neljännes neljännesvuosi vuosineljännes kvartaali nelj",
        .half = "vuosipuolisko puolivuosi",
        .nth = { "ensimmäinen", "toinen", "kolmas", "neljäs" },
        .endings = "ta n ssa lla",
        .endings_since = "sta lta",
        .endings_until = "hun",
    },
    {
        .code = "cs",
        .months = { "leden ledna lednu led", "únor února únoru úno",
                    "březen března březnu bře", "duben dubna dubnu dub",
                    "květen května květnu kvě", "červen června červnu čvn",
                    "červenec července červenci čvc", "srpen srpna srpnu srp",
                    "září zář", "říjen října říjnu říj",
                    "listopad listopadu lis",
                    "prosinec prosince prosinci "
                    "pro" },
        .seasons = { "jaro jara jaře", "léto léta létě", "podzim podzimu",
                     "zima zimy zimě" },
        .to = "až",
        .present =
            "dosud doteď současnost současnosti nyní doposud dnes teď trvá "
            "přítomnost stále současně "
            "aktuálně dodnes probíhá dnešek dneška",
        .unknown = "neznámý neznámé neuvedeno",
        .qualifiers = "začátek konec polovina počátek začátku konci "
                      "polovině počátku",
        .units = "roky let měsíc měsíce měsíců týdnů dní",
        .fillers = "ve",
        .quarter = "čtvrtletí kvartál",
        .half = "pololetí",
        .nth = { "první", "druhé druhý druhém", "třetí", "čtvrté čtvrtý" },
    },
    {
        .code = "tr",
        .months = { "ocak oca", "şubat şub", "mart mar", "nisan nis",
                    "mayıs may", "haziran haz", "temmuz tem", "ağustos ağu",
                    "eylül eyl", "ekim eki", "kasım kas", "aralık ara" },
        .seasons = { "ilkbahar bahar", "yaz", "sonbahar güz", "kış" },
        .since = "beri itibaren "
                 "bu_yana",
        .until_after = "kadar değin dek",
        .both = "ve ile",
        .present = "halen hâlen hala halihazırda devam devam_ediyor "
                   "devam_etmekte günümüz günümüze bugün bugüne şimdi şimdiye "
                   "şu_an şuan sürüyor "
                   "şuanda mevcut güncel şimdiki şu_anda şu_ana",
        .unknown = "bilinmiyor",
        .qualifiers = "başı sonu ortası başları sonları ortaları",
        .units = "yıl yıla yılı yılın yılının yılından yılına ayı hafta gün",
        .quarter = "çeyrek çeyreği",
        .half = "yarıyıl yarısı yarı",
        .nth = { "ilk birinci", "ikinci", "üçüncü", "dördüncü" },
        .endings = "e a ye ya de da te ta i in nin nun un",
        .endings_since = "dan den tan ten",
    },
    {
        .code = "hu",
        .months = { "január jan", "február febr feb", "március márc",
                    "április ápr", "május máj", "június jún", "július júl",
                    "augusztus aug", "szeptember szept sze", "október okt",
                    "november nov", "december dec" },
        .seasons = { "tavasz tavasza tavaszán tavasszal",
                     "nyár nyara nyarán nyáron", "ősz ősze őszén ősszel",
                     "tél tele telén télen" },
        .since = "óta kezdve "
                 "kezdődően",
        .both = "és",
        .present = "napjainkig napjaink jelenleg jelen jelenlegi máig "
                   "mai_napig folyamatban most mostanáig "
                   "folyamatos aktuális mai_nap tart",
        .unknown = "ismeretlen nem_ismert",
        .qualifiers = "eleje vége közepe elején végén közepén",
        .units = "év éve évek hónap hónapja hét nap",
        .fillers = "között az",
        .quarter = "negyedév negyedéve n_év",
        .half = "félév féléve",
        .nth = { "első", "második", "harmadik", "negyedik" },
        .endings = "ban ben i a e an en aban eben",
        .endings_since = "tol atol etol ától étől jától jétől",
        .endings_until = "ig aig eig áig éig jáig jéig",
    },
    {
        .code = "ro",
        .months = { "ianuarie ian", "februarie feb febr", "martie mart",
                    "aprilie apr", "mai", "iunie iun", "iulie iul",
                    "august aug", "septembrie sept sep", "octombrie oct",
                    "noiembrie noi nov", "decembrie dec" },
        .seasons = { "primăvara primăvară primăverii", "vara vară verii",
                     "toamna toamnă toamnei", "iarna iarnă iernii" },
        .since = "din de_la începând_cu începând_din",
        .to = "până până_în până_la pînă_în pînă_la",
        .both = "și",
        .present = "prezent în_prezent prezentul acum curent azi astăzi "
                   "în_curs în_desfășurare la_zi "
                   "actualitate ziua_de_azi",
        .unknown = "necunoscut necunoscută",
        .qualifiers = "început începutul sfârșitul sfârșit mijlocul",
        .units = "ani lună luni săptămâni zile anul anului",
        .quarter = "trimestrul trimestru trim",
        .half = "semestrul semestru",
        .nth = { "primul", "al_doilea doilea al_ii_lea",
                 "al_treilea treilea al_iii_lea",
                 "al_patrulea patrulea al_iv_lea" },
        .fillers = "marți",
    },
    {
        .code = "id",
        .months = { "januari jan", "februari pebruari feb peb", "maret mar",
                    "april apr", "mei", "juni jun", "juli jul",
                    "agustus agu agt ags", "september sep sept", "oktober okt",
                    "november nopember nov nop", "desember des" },
        .seasons = { "musim_semi", "musim_panas", "musim_gugur",
                     "musim_dingin" },
        .since = "sejak dari mulai semenjak terhitung",
        .to = "sampai sampai_dengan hingga s_d s/d sd",
        .both = "dan serta",
        .present = "sekarang kini saat_ini hari_ini berlangsung "
                   "sedang_berlangsung masih "
                   "sedang_berjalan aktif",
        .unknown = "tidak_diketahui",
        .qualifiers = "awal akhir pertengahan",
        .units = "tahun bulan minggu hari thn bln",
        .quarter = "kuartal triwulan kuartal_ke triwulan_ke",
        .nth = { "pertama", "kedua", "ketiga", "keempat" },
    },
    {
        .code = "vi",
        .months = { "tháng_một tháng_giêng", "tháng_hai", "tháng_ba",
                    "tháng_tư tháng_bốn", "tháng_năm", "tháng_sáu", "tháng_bảy",
                    "tháng_tám", "tháng_chín", "tháng_mười", "tháng_mười_một",
                    "tháng_mười_hai tháng_chạp" },
        .seasons = { "mùa_xuân xuân", "mùa_hè mùa_hạ", "mùa_thu", "mùa_đông" },
        .since = "từ kể_từ bắt_đầu_từ",
        .to = "đến tới cho_đến",
        .both = "và",
        .present = "nay hiện_nay hiện_tại hiện bây_giờ "
                   "hôm_nay hiện_giờ đang_làm đang_làm_việc",
        .unknown = "không_rõ không_biết",
        .qualifiers = "đầu cuối giữa đầu_năm cuối_năm giữa_năm",
        .units = "năm tuần ngày",
        .fillers = "thứ_hai thứ_ba thứ_tư thứ_năm thứ_sáu thứ_bảy",
        .month_number = "tháng th thg t",
        .quarter = "quý",
        .halves = { "nửa_đầu", "nửa_cuối nửa_sau" },
    },
    { .code = NULL },
};
