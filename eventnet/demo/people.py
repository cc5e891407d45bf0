"""The made-up people of the demo: alumni, speakers, sponsors and staff, with names in many scripts."""

from __future__ import annotations

import random
from dataclasses import dataclass

# given|family|organization|title, by hand, so that every script is written as its people write it.
_WRITTEN = """
Ada|Lindqvist|Grid & Storage AB|Head of Grid Planning
Miriam|Okafor|Lagos Data Commons|Data Scientist
Søren|Bjørk|Nordlys Energi|Battery Engineer
Zoë|van der Berg|Delta Hydro|Civil Engineer
José|Muñoz Araya|Andes Solar|Project Developer
François|Lefèvre|Atelier Carbone|Architect
Łukasz|Wójcik|Wisła Robotics|Robotics Lead
Gülşen|Yıldız|Anadolu Rüzgâr|Wind Analyst
Nguyễn Thị|Hằng|Sài Gòn Soft|Product Manager
Siobhán|Ní Bhriain|Trinity Labs|Research Fellow
Jürgen|Großkreutz|Rheinische Netze|Chief Engineer
Ágnes|Szűcs|Duna Bank|Risk Modeller
Þórunn|Ægisdóttir|Geysir Geothermal|Geologist
Chloë|D'Souza|Mumbai Metro Lab|Transport Planner
Niamh|O'Sullivan|Harbour Ventures|Investor
Kwame|Asante-Boateng|Accra Cold Chain|Founder
Нина|Иванова|Институт металлов|Материаловед
Тарас|Шевчук|Дніпро Тех|Розробник
Милица|Јовановић|Београд Софт|Инжењер
Ελένη|Παπαδοπούλου|Αιγαίο Ενέργεια|Μηχανικός
Γιώργος|Νικολαΐδης|Πολυτεχνείο|Ερευνητής
سميرة|النجار|شركة النيل للطاقة|مهندسة تخطيط
أحمد|بن يوسف|مختبر تونس|باحث
فاطمة|الزهراء|دار الطب|طبيبة
شیرین|رضایی|دانشگاه تهران|استاد
نوید|خان|لاہور ٹیک|پروگرامر
נועה|כהן|מעבדת נגב|ביולוגית
יונתן|לוי|חיפה רובוטיקה|מהנדס
अनन्या|शर्मा|दिल्ली मेट्रो|अभियंता
रोहन|देशपांडे|पुणे सॉफ्टवेयर|संस्थापक
প্রিয়া|চক্রবর্তী|কলকাতা ডেটা|বিশ্লেষক
কবির|হোসেন|ঢাকা টেক|প্রকৌশলী
கவிதா|சுப்பிரமணியன்|சென்னை ஆய்வகம்|ஆய்வாளர்
สมชาย|วงศ์สวัสดิ์|กรุงเทพพลังงาน|วิศวกร
พิมพ์ชนก|ศรีสุข|เชียงใหม่ดีไซน์|นักออกแบบ
明|王|北京新能源|工程师
晓燕|李|上海数据|数据科学家
淑芬|陳|臺灣綠能|經理
美咲|佐藤|株式会社 例|研究者
健太|高橋|東京電池|技術者
서연|김|서울 로보틱스|연구원
민준|박|한강 데이터|개발자
ნინო|ბერიძე|თბილისის ლაბორატორია|მკვლევარი
Անահիտ|Պետրոսյան|Երևան Սոֆթ|Ծրագրավորող
ሰላም|ተስፋዬ|አዲስ ኢነርጂ|ኢንጂነር
""".strip().splitlines()

_GIVEN = (
    "Amara Lena Mateo Priya Tomás Ingrid Yusuf Clara Diego Hannah Kofi Lucía Emil Noor Jonas Petra Marco Aisha "
    "Felix Greta Ravi Sofia Anton Leila Pablo Marta Olu Elif Hugo Nadia Viktor Rosa Samir Ida Théo Mei Luca Zuzana "
    "Björn Camille Ayşe Oskar Inês Farid Vera Henrik Salma Paweł Alice Nils Jana Omar Laura Kjell Dana Idris Maja "
    "Rafael Eva Tariq Lotte Simon Ewa Arjun Bianca Karim Solveig André Mina Peter Sara Ole Judith Ibrahim Klara"
).split()
_FAMILY = (
    "Haugen Schneider Rossi Novák Fernández Diallo Becker Jansen Kowalska Silva Horváth Nielsen Moreau Aydın "
    "Papas Virtanen Costa Weber Eriksson Dubois Hoffmann Popescu Marín Andersson Keller Bianchi Svensson Lang "
    "Mensah Vogel Ricci Dvořák Santos Berg Fischer Laurent Demir Nowak Winter Ortega Lund Roth Petit Sommer "
    "Haddad Brandt Kaya Greco Madsen Krüger Fontaine Rahman Steiner Vidal Holm Peeters Arslan Bauer Leclerc Maier "
    "Okoye Dahl Ferrari Zeman Pinto Bakker Graf Herrera Lindholm Sato-Meyer Engel Franke Ahmed Schulz Moretti"
).split()
_ORGANIZATIONS = (
    "Rheinwerk Batteries", "Cologne Institute of Technology", "Blue Ledger Bank", "Open Atlas", "Fjord Analytics",
    "Kestrel Robotics", "Municipal Utilities Cologne", "Paperclip Law", "Quantum Garden", "North Sea Wind",
    "Lumen Health", "Orchard Ventures", "Civic Code", "Terra Cement", "Sparrow Mobility", "Helix Diagnostics",
)
_TITLES = (
    "Software Engineer", "Product Manager", "PhD Student", "Data Scientist", "Consultant", "Head of People",
    "Founder", "Research Fellow", "Electrical Engineer", "Designer", "Analyst", "Team Lead", "Policy Adviser",
)
PROGRAMMES = ("Electrical Engineering", "Computer Science", "Economics", "Physics", "Architecture", "Biology")
OFFERS = (
    "20-minute chats about grid planning", "mentoring first-time founders", "code review and Python advice",
    "introductions to battery suppliers", "help with grant applications", "a tour of our robotics lab",
    "advice on moving from research to industry", "user research practice interviews", "career talks for students",
    "reading groups on energy policy", "data sets on urban mobility", "feedback on pitches",
)
WISHES = (
    "a mentor in grid planning", "co-founders for a robotics start-up", "advice on moving from research to industry",
    "battery suppliers for a pilot", "people who know grant applications", "a reading group on energy policy",
    "someone to review Python code", "data on urban mobility", "feedback on a pitch", "speakers for students",
)
INTERESTS = (
    "storage, grids, policy", "robotics, open source", "urban mobility, maps", "photography, bouldering",
    "machine learning, health", "choir, hiking", "chess, compilers", "sailing, geothermal energy",
    "battery recycling, chemistry", "data journalism, civic tech",
)
NOTES = (
    "Talked about battery recycling after the panel", "Knows the people at the grid operator",
    "Also did the Cologne to Lisbon move", "Wants to try the open data set", "Sings in the same choir",
    "Good question about storage tariffs", "Building a lab for undergraduates", "Met at the coffee bar, by the window",
    "Thesis on urban mobility, finishing in March", "Remembered Professor Adler's lectures",
)
PROMISES = (
    "send the storage report", "introduce them to our data team", "send my CV", "share the slides",
    "book a visit to the lab", "send the name of the reading group", "forward the grant call",
)
TAGS = ("storage", "robotics", "alumni 2011", "mentor", "follow up soon", "data", "policy")


@dataclass(frozen=True)
class Person:
    """One made-up attendee. `key` is the ticket shop's id; `outgoing` is how many people they scan."""

    key: str
    given: str
    family: str
    organization: str
    title: str
    email: str
    category: str
    class_year: str
    programme: str
    phone: str
    linkedin: str
    shares: tuple[str, ...]
    suggest: bool
    looking_for: str
    offering: str
    interests: str
    comes: bool
    activates: bool
    swap_policy: str
    outgoing: int

    @property
    def name(self) -> str:
        # Chinese, Japanese and Korean names are written family first and without a space.
        if any("\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" for c in self.family):
            return f"{self.family}{self.given}"
        return f"{self.given} {self.family}"


def invite(count: int, seed: int) -> list[Person]:
    """`count` people, at least those written by hand; the same seed gives the same people."""
    dice = random.Random(seed)  # noqa: S311
    made = [tuple(line.split("|")) for line in _WRITTEN]
    given, family = list(_GIVEN), list(_FAMILY)
    dice.shuffle(given)
    dice.shuffle(family)
    for n in range(count - len(made)):
        # Each time the given names are used up, the family names move on by one: nobody is there twice.
        place = (n + n // len(given)) % len(family)
        made.append((given[n % len(given)], family[place], dice.choice(_ORGANIZATIONS), dice.choice(_TITLES)))
    return [_person(n, parts, dice) for n, parts in enumerate(made[:count])]


def _person(number: int, parts: tuple[str, ...], dice: random.Random) -> Person:
    given, family, organization, title = parts
    category = _category(number)
    shares = ["email"] if dice.random() < 0.9 else []
    shares += ["phone"] if dice.random() < 0.3 else []
    shares += ["linkedin"] if dice.random() < 0.6 else []
    comes = number < 4 or dice.random() < 0.9
    return Person(
        key=f"T-{1000 + number}", given=given, family=family, organization=organization, title=title,
        email=f"guest{number + 1:03}@people.example", category=category,
        class_year=str(dice.randint(1994, 2024)) if dice.random() < 0.7 else "",
        programme=dice.choice(PROGRAMMES) if dice.random() < 0.7 else "",
        phone=f"+49 221 555 {number:04}", linkedin=f"https://www.linkedin.com/in/guest{number + 1:03}",
        shares=tuple(shares), suggest=dice.random() < 0.75,
        looking_for=dice.choice(WISHES) if dice.random() < 0.7 else "",
        offering=dice.choice(OFFERS) if dice.random() < 0.7 else "",
        interests=dice.choice(INTERESTS) if dice.random() < 0.8 else "",
        comes=comes, activates=comes and (number < 4 or dice.random() < 0.88),
        swap_policy="ask" if category in ("speaker", "staff") and dice.random() < 0.4 else "at_once",
        outgoing=12 if number == 0 else 0 if number % 13 == 6 else max(1, round(dice.lognormvariate(1.35, 0.6))),
    )


def _category(number: int) -> str:
    if number % 17 == 3:
        return "speaker"
    if number % 19 == 7:
        return "sponsor"
    return "staff" if number % 41 == 11 else "attendee"
