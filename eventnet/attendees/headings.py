"""What a column heading means: spelling folded, synonyms in many languages, and columns that are the buyer's."""

from __future__ import annotations

import re
from functools import cache

from eventnet.attendees.folding import fold

# Of several columns for one field the earlier synonym wins, then the column further left.
PLAIN_NAMES = frozenset({"name", "nom", "nome", "nombre", "naam", "namn", "navn", "nimi", "isim", "имя"})
SYNONYMS: dict[str, str] = {
    "external_key": "external key|external id|external reference id|eventnet id",
    "id": "id|attendee id|registration id|participant id|guest id|member id|user id|api id|uuid|public id|attendee no"
          "|registration no|participant no|ticket id|ticket no|ticket number|teilnehmer id|teilnehmernummer",
    "registered_name": "registered name|full name|fullname|name full|attendee name|participant name|guest name"
                       "|name of attendee|ticket full name|attendee|participant|first and last name|first last name"
                       "|name and surname|vor und nachname|vorname und nachname|vorname nachname|vollständiger name"
                       "|ganzer name|teilnehmername|nom complet|nom et prénom|prénom et nom|nom prénom|nombre completo"
                       "|nombre y apellido|nombre y apellidos|nome completo|nome e cognome|nome e sobrenome"
                       "|volledige naam|voor en achternaam|fullständigt namn|för och efternamn|fullt navn|koko nimi"
                       "|imię i nazwisko|jméno a příjmení|ad soyad|adı soyadı|фио|полное имя|имя и фамилия|氏名|お名前"
                       "|名前|姓名|성명|이름|الاسم الكامل|الاسم|שם מלא|πλήρες όνομα|ονοματεπώνυμο"
                       "|name|names|naam|namn|navn|nimi|nombre|nome|jméno|isim|имя",
    "given_name": "given name|given names|first name|firstname|forename|attendee first name|attendee name given name"
                  "|ticket first name|christian name|vorname|rufname|prénom|primeiro nome|nome proprio|voornaam"
                  "|förnamn|fornavn|etunimi|imię|křestní jméno|ad|adı|имя имя|名|이름 이름|الاسم الأول|שם פרטי|όνομα"
                  "|nombre de pila",
    "family_name": "family name|last name|lastname|surname|attendee last name|attendee surname"
                   "|attendee name family name|ticket last name|second name|nachname|familienname|zuname"
                   "|nom de famille|nom|apellido|apellidos|cognome|sobrenome|apelido|achternaam|efternamn|etternavn"
                   "|sukunimi|nazwisko|příjmení|soyad|soyadı|фамилия|姓|성|اسم العائلة|שם משפחה|επώνυμο",
    "badge_name": "badge name|name on badge|name for badge|name for the badge|name on your badge|preferred name"
                  "|display name|nickname|call me|name auf dem badge|name auf dem namensschild|namensschild|rufname"
                  "|nom sur le badge|nom d usage|nombre en la credencial|nome sul badge|naam op badge|namn på badge",
    "category": "category|attendee category|attendee type|participant type|badge type|role|kategorie|teilnehmerart"
                "|catégorie|categoría|categoria|categorie|kategori|kategoria",
    "title": "job title|jobtitle|attendee job title|position|occupation|job|job role|job function|profession"
             "|professional title|title|headline|current position|role at company|berufsbezeichnung|funktion|stelle"
             "|beruf|jobtitel|poste|fonction|titre|intitulé du poste|cargo|puesto|qualifica|ruolo|posizione|functie"
             "|befattning|yrke|stilling|stanowisko|pozice|ünvan|görev|должность|役職|职位|職稱|직함|المسمى الوظيفي"
             "|organization title|organization 1 title",
    "organization": "organization|organisation|company|company name|attendee company|attendee organization"
                    "|ticket company name|company instt|company organization|company or organization"
                    "|company organisation|affiliation|employer|institution|institute|firm|firma|unternehmen"
                    "|organisation firma|firma organisation|arbeitgeber|einrichtung|entreprise|société|organisme"
                    "|empresa|organización|empresa u organización|azienda|società|ente|organizzazione|organização"
                    "|bedrijf|organisatie|företag|arbetsgivare|virksomhet|virksomhed|bedrift|yritys|organisaatio"
                    "|organizacja|firma organizacja|společnost|organizace|şirket|kurum|компания|организация|会社名|会社"
                    "|所属|公司|单位|單位|회사|소속|الشركة|المؤسسة|חברה|ארגון|εταιρεία|organization 1 name"
                    "|organization name|company or school",
    "email": "attendee email|ticket email|participant email|guest email|personal email|email|email address|e mail"
             "|mail|mail address|emailaddress|email 1 value|email 1 address|primary email|contact email|work email"
             "|email adresse|mailadresse|e post|epost|e postadress|epostadress|e postadresse|adresse email"
             "|adresse mail|adresse électronique|courriel|mél|correo|correo electrónico|correo electronico"
             "|dirección de correo|dirección de correo electrónico|indirizzo email|posta elettronica"
             "|endereço de email|e mailadres|emailadres|sähköposti|sähköpostiosoite|adres email|e posta|eposta"
             "|электронная почта|эл почта|почта|メール|メールアドレス|邮箱|電子郵件|电子邮件|电子邮箱|이메일"
             "|البريد الإلكتروني|דוא ל|אימייל|ηλεκτρονική διεύθυνση",
    "phone": "phone|phone number|mobile|mobile phone|mobile number|mobile telephone number|cell phone|cell|cellphone"
             "|telephone|telephone number|tel|attendee phone|attendee phone number|ticket phone number|phone 1 value"
             "|contact number|whatsapp|telefon|telefonnummer|handy|handynummer|mobil|mobilnummer|mobiltelefon"
             "|téléphone|numéro de téléphone|portable|mobile portable|teléfono|móvil|celular|número de teléfono"
             "|telefono|cellulare|telefone|telemóvel|telefoon|telefoonnummer|mobiel|puhelin|puhelinnumero"
             "|telefon komórkowy|numer telefonu|telefonní číslo|cep telefonu|телефон|номер телефона|電話番号|电话"
             "|手机|電話|전화번호|الهاتف|رقم الهاتف|טלפון|τηλέφωνο",
    "linkedin": "linkedin|linkedin url|linkedin profile|linkedin profile url|linkedin link|linkedin address"
                "|linkedin profil|profil linkedin|link to your linkedin|linkedin com|perfil de linkedin"
                "|profilo linkedin",
    "website": "website|web site|homepage|web|web page|webpage|personal website|site web|sitio web|página web|sito web"
               "|webseite|internetseite|webbplats|hemsida|hjemmeside|strona www|сайт|website url|website 1 value",
    "school": "school|university|alma mater|college|hochschule|universität|uni|université|école|universidad"
              "|università|universidade|universiteit|universitet|universität hochschule|school or university"
              "|uczelnia|univerzita|üniversite|университет|大学|學校|학교|대학교",
    "programme": "programme|program|degree|degree programme|degree program|course of study|field of study|major"
                 "|studiengang|studienfach|filière|cursus|carrera|corso di laurea|curso|opleiding|utbildning",
    "class_year": "class year|graduation year|year of graduation|class|class of|graduating year|grad year|abschlussjahr"
                  "|jahrgang|promotion|année de promotion|año de graduación|anno di laurea|ano de formatura|examensår",
    "language": "language|preferred language|locale|sprache|langue|idioma|lingua|taal|språk|sprog|kieli|język|jazyk|dil"
                "|язык|言語|语言",
    "ticket": "ticket type|ticket name|ticket|ticket tier|product|product name|ticket class|ticketart|ticketname"
              "|produkt|type de billet|billet|tipo de entrada|tipo de ticket|tipo di biglietto|biljettyp",
    "status": "status|attendee status|approval status|order status|registration state|registration status|state of"
              " registration|ticket status|rsvp|attendance|attending|statut|estado de la entrada|stato"
              "|tila|статус|状态|狀態|상태|ステータス",
    "void": "void|void status|voided|cancelled|canceled|storniert|annulé|cancelado|annullato|geannuleerd",
    "not_taking_part": "not taking part|does not take part|not participating|opt out|opted out|opt out of networking"
                       "|networking opt out|opt out networking|no networking|not networking|do not contact|do not share"
                       "|do not share my data|exclude from networking|no badge scanning|do not scan|nimmt nicht teil"
                       "|kein networking|nicht vernetzen|widerspruch|keine weitergabe|ne participe pas|refus"
                       "|pas de réseautage|pas de networking|no participa|sin networking|non partecipa"
                       "|niente networking|não participa|sem networking|doet niet mee|geen netwerken|deltar inte"
                       "|ingen nätverkande|nie bierze udziału|neúčastní se|не участвует|不参加|不參加",
    "takes_part": "takes part|taking part|networking|takes part in networking|nimmt am networking teil"
                  "|teilnahme am networking|participe au réseautage|participa en networking|partecipa al networking",
    "consent": "networking consent|consent to networking|consent networking|consent to share|consent to share data"
               "|consent|consent given|data sharing consent|data sharing|share my data|share my details"
               "|share my contact|share contact details|gdpr consent|gdpr|opt in|opted in|networking opt in"
               "|opt in networking"
               "|opt in to networking|einwilligung|einwilligung networking|einwilligung vernetzung"
               "|einwilligung datenweitergabe|datenweitergabe|dsgvo|dsgvo einwilligung|zustimmung|consentement"
               "|consentement rgpd|rgpd|partage de mes coordonnées|consentimiento|consentimiento rgpd|consenso"
               "|consenso privacy|toestemming|avg toestemming|samtycke|samtykke|zgoda|zgoda rodo|souhlas"
               "|согласие|同意",
    "order": "order code|order no|order id|order|order reference|order number|bestellnummer|bestellcode"
             "|reservationid|reservation id|référence de commande|código de pedido|bestelnummer",
    "position": "position id|positions id|order position|posid",
    "quantity": "quantity|ticket quantity|guests|anzahl|menge|quantité|cantidad",
    "secret": "secret|ticket secret|barcode|barcode no|barcode number|qr code url|unique ticket url|unique order url"
              "|position order link|ticket code",
}

# These words at the beginning mean: the one who paid, not the one who comes.
_BUYER = re.compile(
    r"(buyer|purchaser|payer|billing|bill to|invoice|order (name|first|last|email|e mail|company|phone|contact)|"
    r"(besteller|rechnung|käufer|kaufer|acheteur|facturation|facture|comprador|facturacion|acquirente|fattura|koper|"
    r"faktura|kopare|zamawiajacy)\w*|emergency|registered by|invited by|created by|assistant|(plus|\+) ?(one|1))\b")
_ASKED = re.compile(
    r"^(what s|what is|what are|whats|please (enter|give|tell us|provide|write)|enter|tell us|give us|provide)?"
    r" ?(us)? ?(your|the|ihr|ihre|dein|deine|votre|tu|su|o seu|seu|il tuo|je|uw|ditt|din) ")
# A question of a shop about sharing with the others who come; which way round it is asked shows in its words.
_ABOUT_OTHERS = re.compile(
    r"^(?=.*(shar|visib|\bsee\b|show|contact|appear|introduc|weitergabe|sichtbar|teilen|geteilt|zeigen|partag|compart"
    r"|condivi|delen|networking|hide|directory|list\b|liste|verzeichnis)).*(\b(other|fellow|andere[nmrs]?|autres|otros|altri|anderen?)\b.*\b(attendee|participant|delegate|guest|teilnehm|gaste"
    r"|besucher|asistente|partecipant|deelnemer)|\bnetwork(ing)?\b.*\b(list|app|tool|page|features?)\b"
    r"|\b(attendee|participant|delegate) (list|directory)\b|\bteilnehmer(liste|innenliste|verzeichnis)\b)")
_TURNED = re.compile(r"\b(not|don t|dont|no|nicht|kein\w*|ne|pas|non|niet|geen|opt out|exclude|hide|object\w*)\b")
_SIGNS = re.compile(r"[^\w]+")


def normalized(heading: str) -> str:
    """A heading in the spelling of the lists above: "Attendee #" is "attendee no", "E-Mail" is "email"."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading) if heading.isascii() and " " not in heading.strip() else heading
    text = _SIGNS.sub(" ", fold(text).replace("#", " no ").replace("_", " ")).strip().replace("linked in", "linkedin")
    text = text.replace("linked in", "linkedin")
    return re.sub(r"\be (mail|posta?)(?=\b|adres)", r"e\1", text)


@cache
def _meanings() -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for name, synonyms in SYNONYMS.items():
        for rank, synonym in enumerate(synonyms.split("|")):
            found.setdefault(normalized(synonym), (name, rank))
    return found


def is_buyers(heading: str) -> bool:
    """Whether a normalized heading is about who paid."""
    return _BUYER.match(heading) is not None


@cache
def meaning(heading: str) -> tuple[str, int] | None:
    """(field, rank) of a normalized heading, rank 0 being the surest; None for a column we do not know."""
    known = _meanings()
    if is_buyers(heading):
        return None
    if heading in known:
        return known[heading]
    shorter = _ASKED.sub("", heading)
    if shorter in known:
        return known[shorter][0], known[shorter][1] + 100
    for start in ("attendee ", "ticket ", "participant ", "guest ", "delegate ", "teilnehmer ", "contact ", "your "):
        if shorter.startswith(start) and shorter.removeprefix(start) in known:
            name, rank = known[shorter.removeprefix(start)]
            return (name, rank) if name not in ("id", "order", "secret") else None
    if "linkedin" in heading:
        return "linkedin", 200
    if _ABOUT_OTHERS.search(heading):
        return ("not_taking_part" if _TURNED.search(heading) else "consent"), 300
    return None


def without_remark(heading: str) -> str:
    """A heading without what stands in brackets: "Name (as on your passport)"."""
    return re.sub(r"\s*[(\[（][^)\]）]*[)\]）]\s*", " ", heading).strip() or heading
