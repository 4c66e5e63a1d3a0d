#include "tests/extract/ground_words.h"

#define POOL(words)                                                            \
    {                                                                          \
        words, ARRAY_LEN(words)                                                \
    }

static const char *const latin_firsts[] = {
    "Anna",      "José",      "François",    "Zoë",       "Łukasz",
    "Jürgen",    "Maria",     "Emily",       "Michael",   "Olivia",
    "Søren",     "Beyza",     "Chloé",       "Diego",     "Élodie",
    "Fatima",    "Giovanni",  "Hannah",      "Ivana",     "Jakub",
    "Katarzyna", "Liam",      "Małgorzata",  "Nuño",      "Pétur",
    "Rebecca",   "Siobhán",   "Thérèse",     "Ursula",    "Víctor",
    "William",   "Yasmine",   "Christopher", "Alexandra", "Benjamin",
    "Isabella",  "Sebastián", "Theodore",    "Gabrielle", "Nathaniel",
    "Kim",       "Wei",       "Priya",       "Rahul",     "Ngozi",
    "Kwame",     "Ingrid",    "Matteo",      "Jean-Luc",  "Mary Ann"
};

static const char *const latin_lasts[] = {
    "Müller",     "García",        "Kowalski",     "O'Connor",   "Johnson",
    "Johnston",   "Andersen",      "Anderson",     "Smith",      "Smyth",
    "Williams",   "Williamson",    "Hernández",    "Fernández",  "Thompson",
    "Thomson",    "Schneider",     "Schröder",     "Dubois",     "Lefèvre",
    "Novák",      "Nowak",         "Peterson",     "Petersen",   "Richards",
    "Richardson", "Martin",        "Martínez",     "Núñez",      "Wójcik",
    "Lindqvist",  "Håkansson",     "Papadopoulos", "Okonkwo",    "Banerjee",
    "Chatterjee", "Krishnamurthy", "Yamaguchi",    "Delacroix",  "van der Berg",
    "de la Cruz", "MacDonald",     "McDonald",     "Fitzgerald", "Hoffmann",
    "Zimmermann", "Rossi",         "Bianchi",      "Ferreira",   "Gonçalves"
};

static const char *const latin_cities[] = {
    "Springfield", "Portland", "San Rafael",   "New Haven",      "Kraków",
    "Zürich",      "München",  "São Paulo",    "Málaga",         "Besançon",
    "Köln",        "Austin",   "Cedar Rapids", "Salt Lake City", "Göteborg",
    "Århus",       "Trenton",  "Fairview",     "Georgetown",     "Wiesbaden",
    "Newcastle",   "Bristol",  "Galway",       "Montréal",       "Saskatoon"
};

static const char *const latin_streets[] = {
    "Maple Street", "Oak Avenue",           "Main Street",    "Lakeview Drive",
    "Elm Court",    "Washington Boulevard", "Park Lane",      "Sunset Road",
    "Mill Street",  "Hauptstraße",          "Rue de la Paix", "Chestnut Street",
    "Church Road",  "Highland Avenue"
};

static const char *const latin_prefixes[] = {
    "Blue River", "Northwind", "Contoso",    "Global",   "First National",
    "Pioneer",    "Quantum",   "Sunrise",    "Vertex",   "Atlas",
    "Evergreen",  "Summit",    "Cascade",    "Meridian", "Nordsee",
    "Alpenland",  "Lumière",   "Águila",     "Zielona",  "Silver Lake",
    "Red Oak",    "Granite",   "Horizon",    "Beacon",   "Fairfield",
    "Kestrel",    "Oakridge",  "Stonebridge"
};

static const char *const latin_industries[] = {
    "Systems",     "Software",        "Solutions",    "Technologies",
    "Logistics",   "Pharmaceuticals", "Insurance",    "Consulting",
    "Engineering", "Energy",          "Bank",         "Foods",
    "Automotive",  "Media",           "Robotics",     "Semiconductors",
    "Airlines",    "Hospital",        "Construction", "Electronics"
};

static const char *const latin_legals[] = { "",      "",     "Inc.", "LLC",
                                            "GmbH",  "Ltd.", "S.A.", "AG",
                                            "Corp.", "Co." };

static const char *const latin_levels[] = { "Senior",    "Junior",
                                            "Lead",      "Principal",
                                            "Associate", "Assistant",
                                            "Staff",     "Deputy" };

static const char *const latin_titles[] = { "Software Engineer",
                                            "Data Scientist",
                                            "Project Manager",
                                            "Accountant",
                                            "Mechanical Engineer",
                                            "Registered Nurse",
                                            "Sales Representative",
                                            "Marketing Director",
                                            "Business Analyst",
                                            "Database Administrator",
                                            "Quality Assurance Specialist",
                                            "Research Associate",
                                            "Financial Controller",
                                            "Electrician",
                                            "Graphic Designer",
                                            "Network Technician" };

static const char *const latin_schools[] = { "State University",
                                             "Institute of Technology",
                                             "Community College",
                                             "Business School", "Polytechnic" };

static const char *const latin_degrees[] = {
    "Bachelor of Science", "Bachelor of Arts",
    "Master of Science",   "Master of Business Administration",
    "Associate Degree",    "Diploma"
};

static const char *const latin_subjects[] = { "Computer Science",
                                              "Electrical Engineering",
                                              "Mathematics",
                                              "Economics",
                                              "Applied Physics",
                                              "Nursing",
                                              "International Relations",
                                              "Information Systems",
                                              "Molecular Biology",
                                              "History of Art",
                                              "Statistics",
                                              "Finance" };

static const char *const latin_skills[] = { "Project Management",
                                            "Machine Learning",
                                            "Team Leadership",
                                            "Financial Modeling",
                                            "Public Speaking",
                                            "Data Analysis",
                                            "Technical Writing",
                                            "Customer Service",
                                            "Supply Chain",
                                            "Risk Assessment",
                                            "Agile Development",
                                            "Patient Care",
                                            "Welding",
                                            "Negotiation",
                                            "Budgeting",
                                            "Forecasting",
                                            "Quality Control",
                                            "Lean Manufacturing",
                                            "Cloud Migration",
                                            "Network Security",
                                            "Penetration Testing",
                                            "Contract Law",
                                            "Curriculum Design",
                                            "Photo Editing",
                                            "Inventory Management" };

static const char *const latin_labels[] = { "Name: ", "Contact: ", "",
                                            "* ",     "Info - ",   "> " };

static const char *const latin_fillers[] = {
    "Led a small team and met every deadline of the year.\n",
    "Improved the process, which saved time and money.\n",
    "Worked closely with other departments on shared goals.\n",
    "Wrote reports for the board and answered their questions.\n",
    "Trained new colleagues and kept the handbook up to date.\n",
    "Reduced costs by reviewing suppliers twice a year.\n",
    "Planned, tested and delivered the new release in time.\n",
    "Took part in audits; no major finding was ever made.\n",
    "Responsible for daily operations and on-call duty.\n",
    "Kept customers informed and their complaints few.\n"
};

static const char *const latin_characters[] = { "x" };

const struct language latin = {
    .cjk = false,
    .legal_first = false,
    .street = " ",
    .short_legal = "",
    .firsts = POOL(latin_firsts),
    .lasts = POOL(latin_lasts),
    .cities = POOL(latin_cities),
    .streets = POOL(latin_streets),
    .prefixes = POOL(latin_prefixes),
    .industries = POOL(latin_industries),
    .legals = POOL(latin_legals),
    .levels = POOL(latin_levels),
    .titles = POOL(latin_titles),
    .schools = POOL(latin_schools),
    .degrees = POOL(latin_degrees),
    .subjects = POOL(latin_subjects),
    .skills = POOL(latin_skills),
    .labels = POOL(latin_labels),
    .fillers = POOL(latin_fillers),
    .characters = POOL(latin_characters),
};

static const char *const chinese_firsts[] = {
    "伟",   "芳",   "娜",   "敏",   "静",   "秀英", "丽",   "强",   "磊",
    "洋",   "艳",   "勇",   "军",   "杰",   "娟",   "涛",   "明",   "超",
    "秀兰", "霞",   "平",   "刚",   "桂英", "文博", "子涵", "雨桐", "浩然",
    "欣怡", "宇轩", "思远", "晓东", "建国", "志强", "海燕", "春梅", "立新"
};

static const char *const chinese_lasts[] = {
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴",   "周",   "徐", "孙",
    "马", "朱", "胡", "郭", "何", "高", "林", "罗", "欧阳", "司马", "郑", "梁",
    "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭",   "曾"
};

static const char *const chinese_cities[] = { "北京", "上海", "广州", "深圳",
                                              "杭州", "南京", "成都", "武汉",
                                              "西安", "重庆", "天津", "苏州",
                                              "长沙", "青岛", "大连", "厦门",
                                              "郑州", "沈阳", "宁波", "昆明" };

static const char *const chinese_streets[] = { "中山路", "人民路", "解放大道",
                                               "建设街", "和平路", "长江路",
                                               "学院路", "文化街", "胜利路",
                                               "新华街" };

static const char *const chinese_prefixes[] = {
    "华远", "中科", "东方", "海天", "金桥", "长城", "新世纪",
    "瑞丰", "宏达", "同创", "博雅", "天宇", "恒信", "盛世",
    "蓝海", "鼎新", "万通", "泰和", "永安", "卓越"
};

static const char *const chinese_industries[] = {
    "科技", "软件", "电子", "物流", "贸易", "保险", "能源", "医药",
    "汽车", "传媒", "机械", "化工", "食品", "建筑", "咨询", "通信"
};

static const char *const chinese_legals[] = { "有限公司", "股份有限公司",
                                              "有限责任公司", "" };

static const char *const chinese_levels[] = { "高级", "初级", "资深",
                                              "助理", "首席", "副" };

static const char *const chinese_titles[] = {
    "软件工程师", "项目经理", "产品经理",   "数据分析师",   "会计",
    "销售代表",   "市场总监", "机械工程师", "人力资源专员", "系统架构师",
    "测试工程师", "行政主管", "财务经理",   "护士长"
};

static const char *const chinese_schools[] = { "大学",     "理工大学",
                                               "师范大学", "工业大学",
                                               "科技大学", "交通大学",
                                               "医科大学" };

static const char *const chinese_degrees[] = { "本科", "硕士", "博士", "专科" };

static const char *const chinese_subjects[] = {
    "计算机科学", "电气工程", "应用数学", "国际贸易", "软件工程",
    "临床医学",   "土木工程", "英语",     "会计学",   "市场营销"
};

static const char *const chinese_skills[] = {
    "机器学习", "数据分析",   "项目管理", "嵌入式开发",
    "云计算",   "数据库设计", "网络安全", "自然语言处理",
    "财务报表", "供应链管理", "团队协作", "前端开发",
    "成本控制", "质量管理",   "谈判技巧", "图像识别"
};

static const char *const chinese_labels[] = { "姓名：", "联系方式：", "",
                                              "● ",     "信息：",     "　" };

static const char *const chinese_fillers[] = {
    "负责日常运营并按时完成任务。",       "参与流程改进，节省时间与费用。",
    "与其他部门密切合作，实现共同目标。", "撰写报告并回答问题。",
    "培训新同事，更新手册内容。",         "每年审查供应商，降低费用。\n",
    "规划、验证并交付新版本。\n",         "参加审计，没有发现重大问题。\n"
};

static const char *const chinese_characters[] = {
    "安", "宝", "本", "北", "波", "才", "昌", "春", "达", "德", "东",
    "恩", "发", "飞", "丰", "福", "刚", "冠", "光", "国", "海", "航",
    "和", "恒", "红", "华", "怀", "晖", "慧", "吉", "嘉", "健", "江",
    "京", "景", "俊", "凯", "康", "宽", "来", "乐", "力", "立", "良",
    "亮", "龙", "美", "民", "宁", "培", "奇", "琪", "勤", "清", "庆",
    "泉", "仁", "荣", "瑞", "森", "尚", "胜", "世", "守", "思", "天",
    "廷", "万", "维", "文", "武", "西", "熙", "先", "贤", "祥", "向",
    "晓", "心", "新", "信", "兴", "学", "雅", "彦", "阳", "一", "义",
    "艺", "益", "英", "永", "友", "宇", "玉", "元", "源", "云", "泽",
    "哲", "振", "正", "之", "志", "中", "竹", "卓", "子", "宗"
};

const struct language chinese = {
    .cjk = true,
    .legal_first = false,
    .street = "号",
    .short_legal = "",
    .firsts = POOL(chinese_firsts),
    .lasts = POOL(chinese_lasts),
    .cities = POOL(chinese_cities),
    .streets = POOL(chinese_streets),
    .prefixes = POOL(chinese_prefixes),
    .industries = POOL(chinese_industries),
    .legals = POOL(chinese_legals),
    .levels = POOL(chinese_levels),
    .titles = POOL(chinese_titles),
    .schools = POOL(chinese_schools),
    .degrees = POOL(chinese_degrees),
    .subjects = POOL(chinese_subjects),
    .skills = POOL(chinese_skills),
    .labels = POOL(chinese_labels),
    .fillers = POOL(chinese_fillers),
    .characters = POOL(chinese_characters),
};

static const char *const japanese_firsts[] = {
    "太郎", "花子",   "健一", "美咲", "翔太", "陽菜", "大輔", "さくら",
    "拓也", "結衣",   "直樹", "恵子", "和也", "由美", "誠",   "葵",
    "隆",   "真由美", "浩二", "彩",   "一郎", "七海", "亮",   "千尋"
};

static const char *const japanese_lasts[] = {
    "佐藤", "鈴木", "高橋", "田中", "渡辺",   "伊藤", "山本", "中村",
    "小林", "加藤", "吉田", "山田", "佐々木", "山口", "松本", "井上",
    "木村", "清水", "斎藤", "阿部", "森",     "池田", "橋本", "石川"
};

static const char *const japanese_cities[] = {
    "東京都新宿区", "大阪市",     "名古屋市", "横浜市", "札幌市",
    "神戸市",       "京都市",     "福岡市",   "仙台市", "広島市",
    "千葉市",       "さいたま市", "川崎市",   "新潟市"
};

static const char *const japanese_streets[] = { "中央", "本町", "緑ヶ丘",
                                                "桜台", "東町", "西新町",
                                                "旭町", "栄町" };

static const char *const japanese_prefixes[] = {
    "青空",       "みなと",       "東都",     "北斗",    "大和", "テクノ",
    "サンライズ", "フロンティア", "あさひ",   "富岳",    "日新", "アルファ",
    "オリオン",   "瑞穂",         "さざなみ", "ネクスト"
};

static const char *const japanese_industries[] = { "商事",
                                                   "電機",
                                                   "工業",
                                                   "物産",
                                                   "システム",
                                                   "ソフトウェア",
                                                   "建設",
                                                   "製薬",
                                                   "不動産",
                                                   "運輸",
                                                   "食品",
                                                   "化学",
                                                   "重工",
                                                   "ホールディングス",
                                                   "エンジニアリング",
                                                   "サービス" };

static const char *const japanese_legals[] = { "株式会社", "有限会社",
                                               "合同会社" };

static const char *const japanese_levels[] = { "主任", "上級", "チーフ",
                                               "副",   "担当", "シニア" };

static const char *const japanese_titles[] = { "ソフトウェアエンジニア",
                                               "プロジェクトマネージャー",
                                               "営業担当",
                                               "経理部長",
                                               "データアナリスト",
                                               "システムエンジニア",
                                               "看護師",
                                               "デザイナー",
                                               "品質管理担当",
                                               "人事課長",
                                               "研究員",
                                               "ネットワーク技術者" };

static const char *const japanese_schools[] = { "大学", "工業大学", "医科大学",
                                                "外国語大学", "高等専門学校" };

static const char *const japanese_degrees[] = { "学士", "修士", "博士",
                                                "準学士" };

static const char *const japanese_subjects[] = {
    "情報工学", "電気電子工学", "経済学", "経営学", "機械工学",
    "法学",     "応用化学",     "英文学", "建築学"
};

static const char *const japanese_skills[] = {
    "機械学習",         "データ分析",   "プロジェクト管理",
    "組込み開発",       "クラウド構築", "データベース設計",
    "ネットワーク構築", "自然言語処理", "財務会計",
    "在庫管理",         "チームワーク", "フロントエンド開発",
    "原価管理",         "品質管理",     "画像処理"
};

static const char *const japanese_labels[] = { "氏名：", "連絡先：", "",
                                               "■ ",     "情報：",   "　" };

static const char *const japanese_fillers[] = {
    "日々の運用を担当し、期限を守りました。",
    "業務の改善に取り組み、費用を減らしました。",
    "他の部門と協力して目標を達成しました。",
    "報告書を作成し、質問に答えました。\n",
    "新人の教育と手引きの更新を行いました。\n",
    "毎年、取引先の見直しを行いました。\n",
    "計画から納品までを受け持ちました。\n"
};

static const char *const japanese_characters[] = {
    "愛", "秋", "朝", "明", "安", "育", "市", "宇", "栄", "英", "岡",
    "音", "賀", "海", "岳", "風", "勝", "川", "寛", "紀", "貴", "清",
    "吉", "久", "恭", "近", "邦", "京", "慶", "敬", "賢", "謙", "豪",
    "孝", "康", "佐", "咲", "志", "詩", "島", "秀", "春", "俊", "純",
    "祥", "翔", "章", "丈", "信", "仁", "進", "水", "瀬", "世", "正",
    "成", "晴", "聖", "千", "草", "蔵", "崇", "武", "達", "智", "知",
    "忠", "哲", "徹", "天", "藤", "徳", "奈", "夏", "之", "乃", "博",
    "彦", "飛", "百", "平", "弘", "文", "穂", "真", "松", "実", "光",
    "峰", "宗", "元", "谷", "弥", "友", "祐", "陽", "良", "凜", "和"
};

const struct language japanese = {
    .cjk = true,
    .legal_first = true,
    .street = "番地",
    .short_legal = "（株）",
    .firsts = POOL(japanese_firsts),
    .lasts = POOL(japanese_lasts),
    .cities = POOL(japanese_cities),
    .streets = POOL(japanese_streets),
    .prefixes = POOL(japanese_prefixes),
    .industries = POOL(japanese_industries),
    .legals = POOL(japanese_legals),
    .levels = POOL(japanese_levels),
    .titles = POOL(japanese_titles),
    .schools = POOL(japanese_schools),
    .degrees = POOL(japanese_degrees),
    .subjects = POOL(japanese_subjects),
    .skills = POOL(japanese_skills),
    .labels = POOL(japanese_labels),
    .fillers = POOL(japanese_fillers),
    .characters = POOL(japanese_characters),
};

static const char *const korean_firsts[] = { "민수", "지영", "서연", "현우",
                                             "지훈", "수진", "은지", "동현",
                                             "예진", "성호", "하은", "준호",
                                             "미경", "영희", "철수", "유진",
                                             "태양", "소영", "재석", "혜원" };

static const char *const korean_lasts[] = { "김", "이", "박", "최", "정", "강",
                                            "조", "윤", "장", "임", "한", "오",
                                            "서", "신", "권", "황" };

static const char *const korean_cities[] = {
    "서울특별시", "부산광역시", "대구광역시", "인천광역시",
    "광주광역시", "대전광역시", "수원시",     "성남시",
    "고양시",     "창원시",     "청주시",     "전주시"
};

static const char *const korean_streets[] = { "중앙로", "강남대로", "세종로",
                                              "한강로", "대학로",   "시청로",
                                              "동문로" };

static const char *const korean_prefixes[] = {
    "한빛", "미래", "대한",   "동아",   "새롬",   "우리", "누리",  "가온",
    "다온", "청솔", "해맑은", "늘푸른", "큰나무", "별빛", "온누리"
};

static const char *const korean_industries[] = {
    "전자",   "물산", "건설",   "화학",     "소프트", "제약", "통신",
    "중공업", "식품", "자동차", "정보기술", "에너지", "보험", "유통"
};

static const char *const korean_legals[] = { "주식회사", "유한회사" };

static const char *const korean_levels[] = { "수석 ", "선임 ", "책임 ", "주임 ",
                                             "보조 " };

static const char *const korean_titles[] = {
    "소프트웨어 엔지니어", "프로젝트 관리자", "영업 담당", "회계사",
    "데이터 분석가",       "시스템 설계자",   "간호사",    "디자이너",
    "품질 관리자",         "인사 담당",       "연구원",    "네트워크 기술자"
};

static const char *const korean_schools[] = { "대학교", "과학기술대학교",
                                              "공업대학교", "의과대학교",
                                              "외국어대학교" };

static const char *const korean_degrees[] = { "학사 ", "석사 ", "박사 ",
                                              "전문학사 " };

static const char *const korean_subjects[] = {
    "컴퓨터공학", "전자공학", "경제학", "경영학", "기계공학",
    "법학",       "응용화학", "영문학", "건축학", "통계학"
};

static const char *const korean_skills[] = {
    "기계학습",      "데이터 분석",       "프로젝트 관리", "임베디드 개발",
    "클라우드 구축", "데이터베이스 설계", "네트워크 보안", "자연어 처리",
    "재무 회계",     "재고 관리",         "팀워크",        "원가 관리",
    "품질 관리",     "영상 처리"
};

static const char *const korean_labels[] = { "이름: ", "연락처: ", "",
                                             "■ ",     "정보: ",   " " };

static const char *const korean_fillers[] = {
    "일상 운영을 맡아 기한을 지켰습니다.\n",
    "업무 절차를 개선하여 비용을 줄였습니다.\n",
    "다른 부서와 협력하여 목표를 이루었습니다.\n",
    "보고서를 작성하고 질문에 답했습니다.\n",
    "신입 직원을 교육하고 안내서를 고쳤습니다.\n",
    "매년 거래처를 검토했습니다.\n"
};

static const char *const korean_characters[] = {
    "가", "나", "다", "라", "마", "바", "사", "아", "자", "차", "카",
    "타", "파", "하", "거", "너", "더", "러", "머", "버", "서", "어",
    "저", "처", "기", "니", "디", "리", "미", "비", "시", "이", "지",
    "치", "구", "누", "두", "루", "무", "부", "수", "우", "주", "추",
    "고", "노", "도", "로", "모", "보", "소", "오", "조", "초"
};

const struct language korean = {
    .cjk = true,
    .legal_first = true,
    .street = "번지 ",
    .short_legal = "(주)",
    .firsts = POOL(korean_firsts),
    .lasts = POOL(korean_lasts),
    .cities = POOL(korean_cities),
    .streets = POOL(korean_streets),
    .prefixes = POOL(korean_prefixes),
    .industries = POOL(korean_industries),
    .legals = POOL(korean_legals),
    .levels = POOL(korean_levels),
    .titles = POOL(korean_titles),
    .schools = POOL(korean_schools),
    .degrees = POOL(korean_degrees),
    .subjects = POOL(korean_subjects),
    .skills = POOL(korean_skills),
    .labels = POOL(korean_labels),
    .fillers = POOL(korean_fillers),
    .characters = POOL(korean_characters),
};

static const char *const all_skills[] = { "JavaScript",
                                          "TypeScript",
                                          "Node.js",
                                          "C++",
                                          "C#",
                                          "C",
                                          "R",
                                          "Go",
                                          "SQL",
                                          "PostgreSQL",
                                          "MySQL",
                                          "Kubernetes",
                                          "Docker",
                                          "Python",
                                          "Java",
                                          "Visual Basic",
                                          ".NET",
                                          "Microsoft Office",
                                          "AutoCAD",
                                          "MATLAB",
                                          "SolidWorks",
                                          "Photoshop",
                                          "Salesforce",
                                          "SAP",
                                          "Excel",
                                          "PowerPoint",
                                          "Linux",
                                          "Terraform",
                                          "TensorFlow",
                                          "React Native",
                                          "Objective-C",
                                          "PL/SQL",
                                          "HTML5",
                                          "CSS3",
                                          "Adobe Illustrator",
                                          "Jira",
                                          "Git",
                                          "Ansible",
                                          "Oracle 19c",
                                          "Power BI",
                                          "Google Analytics",
                                          "QuickBooks",
                                          "Wi-Fi",
                                          "TCP/IP",
                                          "CI/CD" };

const struct pool skills_of_all = POOL(all_skills);

static const char *const roman[] = {
    "wang",  "zhang",  "takahashi", "minsu",  "haruto",  "jiyoung",
    "liwei", "suzuki", "yuki",      "chenxi", "hyunwoo", "meiling"
};

const struct pool romanised = POOL(roman);
