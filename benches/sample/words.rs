//! The invented words that organisations and people are made of, and the vocabularies the books use for them.
//!
//! No organisation, town, person or brand is meant: names are put together by chance from these lists. The only
//! real names are the nine provinces, which a province column cannot do without.

/// First words of an organisation's name; some have accents.
pub const FIRST: [&str; 64] = [
    "Amber",
    "Azure",
    "Bantam",
    "Brightwing",
    "Calm",
    "Cobalt",
    "Copper",
    "Coral",
    "Crimson",
    "Dapple",
    "Dawn",
    "Dusk",
    "Ember",
    "Élan",
    "Fable",
    "Fern",
    "Flint",
    "Garnet",
    "Gentle",
    "Golden",
    "Granite",
    "Harbour",
    "Hazel",
    "Indigo",
    "Ivory",
    "Jade",
    "Juniper",
    "Keen",
    "Lantern",
    "Lark",
    "Linden",
    "Lofty",
    "Maple",
    "Marble",
    "Meadow",
    "Mistral",
    "Noble",
    "Northern",
    "Oaken",
    "Océane",
    "Ochre",
    "Onyx",
    "Opal",
    "Orchard",
    "Pebble",
    "Pewter",
    "Quartz",
    "Quiet",
    "Rüppel",
    "Rowan",
    "Saffron",
    "Silver",
    "Slate",
    "Sorrel",
    "Steady",
    "Thistle",
    "Timber",
    "Topaz",
    "Umber",
    "Velvet",
    "Willow",
    "Winter",
    "Yarrow",
    "Zéphyr",
];

/// Second words of an organisation's name.
pub const SECOND: [&str; 48] = [
    "Avocet",
    "Bateleur",
    "Bokmakierie",
    "Bunting",
    "Bustard",
    "Buzzard",
    "Coucal",
    "Crake",
    "Crane",
    "Curlew",
    "Dabchick",
    "Drongo",
    "Egret",
    "Falcon",
    "Finch",
    "Francolin",
    "Goshawk",
    "Grebe",
    "Hadeda",
    "Harrier",
    "Heron",
    "Hoopoe",
    "Hornbill",
    "Ibis",
    "Jacana",
    "Kestrel",
    "Kingfisher",
    "Kite",
    "Korhaan",
    "Lapwing",
    "Longclaw",
    "Loerie",
    "Martin",
    "Nightjar",
    "Oriole",
    "Osprey",
    "Petrel",
    "Pipit",
    "Plover",
    "Pratincole",
    "Roller",
    "Sandpiper",
    "Shrike",
    "Sunbird",
    "Swallow",
    "Swift",
    "Tern",
    "Weaver",
];

/// Scripts without a Latin letter: what the first and second words become for some organisations.
pub const NON_LATIN: [[&str; 12]; 6] = [
    ["Янтарь", "Кобальт", "Рассвет", "Гранит", "Весна", "Север", "Опал", "Кварц", "Топаз", "Ива", "Метель", "Рябина"],
    [
        "Сокол",
        "Ласточка",
        "Журавль",
        "Чайка",
        "Стриж",
        "Орлан",
        "Зимородок",
        "Цапля",
        "Кулик",
        "Дрозд",
        "Иволга",
        "Кречет",
    ],
    ["青空", "若葉", "暁", "白樺", "琥珀", "紺碧", "朝霧", "夕凪", "柊", "銀河", "深緑", "初雪"],
    ["隼", "燕", "鶴", "鷗", "雲雀", "翡翠", "白鷺", "千鳥", "鶉", "雁", "鷹", "雀"],
    [
        "Κεχριμπάρι",
        "Αυγή",
        "Γρανίτης",
        "Οπάλιο",
        "Άνοιξη",
        "Βορράς",
        "Χαλαζίας",
        "Ιτιά",
        "Κοράλλι",
        "Νεφρίτης",
        "Τοπάζι",
        "Χιόνι",
    ],
    [
        "Γεράκι",
        "Χελιδόνι",
        "Γερανός",
        "Γλάρος",
        "Ερωδιός",
        "Αλκυόνα",
        "Κορυδαλλός",
        "Σπίνος",
        "Αετός",
        "Πελαργός",
        "Τσίχλα",
        "Ίβις",
    ],
];

/// Towns, all invented: the last part of a name when there are many organisations, and of addresses.
pub const TOWNS: [&str; 64] = [
    "Amandelkrans",
    "Appelrand",
    "Bloekomstad",
    "Blouvallei",
    "Bosduifrus",
    "Dassieskop",
    "Denneplaas",
    "Doringvlak",
    "Duikerspoort",
    "Eikelaagte",
    "Fonteinhoek",
    "Geelvlei",
    "Gousblomdal",
    "Grysrand",
    "Haasrivier",
    "Hadedakop",
    "Helderkloof",
    "Houtbaken",
    "Ibishoek",
    "Jakkalsrand",
    "Kalkwater",
    "Kareevlak",
    "Kiepersdal",
    "Klipmos",
    "Kolgansvlei",
    "Kransduin",
    "Kremetart",
    "Lemoenkop",
    "Ligstroom",
    "Maanvallei",
    "Malvadrif",
    "Marulaput",
    "Mielierand",
    "Mosbank",
    "Naboomspruitjie",
    "Nagapiekop",
    "Olienhoutrus",
    "Oosterkim",
    "Padkloof",
    "Palmietdal",
    "Pampoenvlak",
    "Patryskop",
    "Perdeblom",
    "Reiersvlei",
    "Rietbaken",
    "Rooikransie",
    "Salieberg",
    "Sandkim",
    "Skilpadnes",
    "Sonneblomrand",
    "Spekboomdal",
    "Sterrekoppie",
    "Suikerbosdal",
    "Swaelnes",
    "Tarentaalrus",
    "Turksvydrif",
    "Uilenkop",
    "Valkenes",
    "Vlamboom",
    "Vleiloerie",
    "Waaierbos",
    "Witgatkim",
    "Wolkbaken",
    "Ysterplaatjie",
];

/// What tells a branch from its head office.
pub const BRANCHES: [&str; 4] = ["Coastal", "Highveld", "North", "Inland"];

/// The nine provinces.
pub const PROVINCES: [&str; 9] = [
    "Gauteng",
    "Western Cape",
    "KwaZulu-Natal",
    "Eastern Cape",
    "Limpopo",
    "Mpumalanga",
    "North West",
    "Free State",
    "Northern Cape",
];

/// Other ways to write each province, in the order of `PROVINCES`.
pub const PROVINCE_ALIASES: [&[&str]; 9] = [
    &["GP", "Gauteng Province", "G.Pretoria", "Gauteng (JHB)"],
    &["WC", "W Cape", "W.Cape", "Western-Cape", "Wes-Kaap"],
    &["KZN", "Kwa Zulu Natal", "Kwazulu Natal", "KwaZulu–Natal", "Natal"],
    &["EC", "E Cape", "E.Cape", "Eastern Cape Province"],
    &["LP", "Limpopo Province", "Limpopo Prov."],
    &["MP", "Mpumalanga Province", "Mpum."],
    &["NW", "North-West", "Northwest", "North West Province"],
    &["FS", "Freestate", "Vrystaat", "Free State Prov."],
    &["NC", "N Cape", "N.Cape", "Northern-Cape"],
];

/// Texts of a province column that name no province.
pub const NO_PROVINCE: [&str; 5] = ["Lowveld", "Zone 4", "Cross-border", "Karoo", "Coastal region"];

/// Texts that stand for nothing.
pub const PLACEHOLDERS: [&str; 8] = ["n/a", "-", "TBC", "Unknown", "N/A", "?", "none", "TBA"];

/// The categories; the first is that of everybody in the register.
pub const CATEGORIES: [&str; 7] = [
    "Flight School",
    "Flying Club",
    "Charter Operator",
    "Maintenance Organisation",
    "Drone Operator",
    "Aircraft Sales",
    "Simulator Centre",
];

/// Other ways to write each category, in the order of `CATEGORIES`.
pub const CATEGORY_ALIASES: [&[&str]; 7] = [
    &["FTO", "ATO", "Flying School", "Flight Training", "Flight Schools", "Pilot training"],
    &["Aero Club", "Club", "Flying Clubs"],
    &["Charter", "Air Charter", "Charter Ops"],
    &["AMO", "Maintenance", "Maintenance Org."],
    &["UAV", "RPAS Operator", "Drones"],
    &["Sales", "A/C Sales", "Aircraft Broker"],
    &["Sim Centre", "Simulator", "FSTD"],
];

/// The last words of a name, six for each category and none in two of them.
pub const NAME_KINDS: [[&str; 6]; 7] = [
    ["Flight Academy", "Flying School", "Flight Training", "Aviation Academy", "Pilot School", "Wings Academy"],
    ["Flying Club", "Aero Club", "Gliding Club", "Aviators", "Flyers", "Aviation Club"],
    ["Air Charter", "Air Services", "Airways", "Charter & Safaris", "Air Link", "Charters"],
    [
        "Aircraft Maintenance",
        "Aero Engineering",
        "Avionics",
        "Aviation & Engineering",
        "Propeller Works",
        "Air Technik",
    ],
    ["Drone Services", "Unmanned Systems", "Aerial Survey", "Drone & Mapping", "Rotor Imaging", "Sky Sensors"],
    ["Aircraft Sales", "Aviation Sales", "Aircraft Brokers", "Air Traders", "Plane Market", "Sales & Leasing"],
    ["Simulator Centre", "Flight Simulation", "Sim Lab", "Synthetic Training", "Sim & Standards", "Procedures Trainer"],
];

/// Legal forms: the full spelling and its variants.
pub const LEGAL_FORMS: [&[&str]; 4] = [
    &["(Pty) Ltd", "Pty Ltd", "(PTY) LTD", "(Pty) Ltd.", "Pty. Ltd.", "(Pty)Ltd", "Proprietary Limited"],
    &["CC", "cc", "C.C."],
    &["NPC", "npc", "(NPC)"],
    &["Inc", "Inc.", "Incorporated"],
];

/// Words of a name that people shorten, and how.
pub const SHORTENED: [(&str, &str); 12] = [
    ("Academy", "Acad."),
    ("Flight Training", "FT"),
    ("Aviation", "Avn"),
    ("Services", "Svcs"),
    ("School", "Sch"),
    ("Centre", "Ctr"),
    ("Maintenance", "Maint"),
    ("Engineering", "Eng"),
    ("Simulator", "Sim."),
    ("Aircraft", "A/C"),
    ("Flying", "Fly."),
    ("Charter", "Chtr"),
];

/// First names of people.
pub const GIVEN: [&str; 40] = [
    "Thandi", "Sipho", "Lerato", "Bongani", "Nomsa", "Kagiso", "Zanele", "Themba", "Palesa", "Mandla", "Pieter",
    "Annelie", "Johan", "Marlene", "Hendrik", "Elsabé", "Riaan", "Zoë", "Gerhard", "Ilze", "Priya", "Arjun", "Fatima",
    "Yusuf", "Ayesha", "Imraan", "Grace", "Peter", "Claire", "Daniel", "Renée", "André", "Chloë", "José", "Hélène",
    "Tumelo", "Refilwe", "Katlego", "Anathi", "Lwazi",
];

/// Surnames, all invented.
pub const SURNAMES: [&str; 40] = [
    "Ndlazwe",
    "Mokwatsi",
    "Sithonde",
    "Dlamvuko",
    "Radibetse",
    "Khumani",
    "Vilakwe",
    "Mabizane",
    "Tshikota",
    "Zungweni",
    "van der Moer",
    "Brandsloot",
    "Kruidwater",
    "Oosterwind",
    "Vaalbach",
    "du Plooi",
    "Steenhof",
    "Rietvink",
    "Labuskop",
    "Wolmarink",
    "Naidani",
    "Pillayan",
    "Govenderan",
    "Moodlian",
    "Patelwar",
    "Hartwell-Ames",
    "Brookmire",
    "Fenwicke",
    "Ashgrove",
    "O'Kestrel",
    "Lindqvåst",
    "Müllenbach",
    "Garçonet",
    "Peñarosa",
    "Nováček",
    "Sørholt",
    "Dubrûle",
    "Tomlinsen",
    "Quillfeather",
    "Marchbankes",
];

/// People whose names have no Latin letter: given name, surname, and the local part of their address.
pub const NON_LATIN_PEOPLE: [(&str, &str, &str); 6] = [
    ("Иван", "Чайкинский", "ivan.c"),
    ("Ольга", "Стрижова", "olga.s"),
    ("晴香", "白鷺原", "haruka.s"),
    ("健", "雁坂", "ken.k"),
    ("Ελένη", "Γερανίδου", "eleni.g"),
    ("Νίκος", "Αλκυονάκης", "nikos.a"),
];

/// Roles, and other ways to write each.
pub const ROLES: [(&str, &[&str]); 9] = [
    ("Chief Flying Instructor", &["CFI", "Chief Instructor", "chief flying instructor"]),
    ("Accountable Manager", &["Acc. Manager", "Accountable Mngr", "AM"]),
    ("Owner", &["owner", "Owner/Director", "Proprietor"]),
    ("Operations Manager", &["Ops Manager", "OPS", "Ops Mgr"]),
    ("Head of Training", &["HoT", "HOT", "Head: Training"]),
    ("Safety Officer", &["SO", "Safety", "Air Safety Officer"]),
    ("Bookings", &["bookings", "Reservations", "Front desk"]),
    ("Accounts", &["accounts", "Finance", "Bookkeeper"]),
    ("Quality Manager", &["QM", "Quality Mgr", "Quality"]),
];

/// Aircraft types, all invented.
pub const PLANES: [&str; 6] = ["Heron 172", "Kestrel 2", "Plover 28", "Ibis R44", "Drongo 150", "Curlew Twin"];

/// Streets, all invented.
pub const STREETS: [&str; 6] =
    ["Windsock Road", "Hangar Lane", "Propeller Street", "Taxiway Avenue", "Rudder Close", "Aileron Drive"];

/// What people note about a call.
pub const NOTES: [&str; 10] = [
    "Spoke to the front desk, call back next week",
    "Wants a quote for headsets; asked about terms",
    "Number goes to a bakery",
    "Met at the \"Open Hangar\" day\nSend brochure",
    "Busy until the rains are over",
    "=call back in May",
    "+1 for the newsletter",
    "-- moved hangars --",
    "@ the airfield on Tuesdays only",
    "Prefers e-mail; no calls after 16:00",
];
