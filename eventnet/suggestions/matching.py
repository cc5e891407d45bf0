"""Reads what people look for, offer and care about, in any script, and says how well two texts fit."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy import sparse

WORD = re.compile(r"\w+(?:[+#]+|(?:[.'’-]\w+)*)", re.UNICODE)
PHRASES = re.compile(r"[,;\n/·•|、，；。]+|\.\s+|\s+[–—-]\s+")
# Scripts written without spaces are compared by pairs of neighbouring characters.
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
MANY = 50
TOO_COMMON = 0.25

# Words that say nothing about a topic, in the languages most cards are written in.
STOP = frozenset("""
a about all also an and any are as at be by can do for from get good great have help how i in into is it its like
looking me more my new of offer offering on one or other our people person please some someone something talk talking
that the their them they this to up us want we what who with work working would you your anyone anything experience
aber als am an auch auf aus bei bin das dem den der des die ein eine einem einen einer es für gerne ich im in ist kann
mein mich mit nach nicht oder suche biete sich sie sind über um und uns von wer wie wir zu zum zur
au aux avec ce ces cherche dans de des du elle en est et il je la le les leur ma mes mon nous offre ou par pas pour
que qui sa se ses son sur un une vous y
busco con de del el ella en es la las lo los me mi para por que se su sus un una unos y yo ofrezco
и в на с по для из от к о об я мы вы ищу что кто это
""".split())

# Stems that speak of getting or giving work. Such text stays on the signed-in page and never enters a mail.
WORK = re.compile(r"""
    \b(?:jobs?|hir(?:e|es|ed|ing)|recruit\w*|head-?hunt\w*|careers?|employ\w*|unemploy\w*|vacanc\w*|internships?|
    interns?|salar(?:y|ies)|cv|cvs|r[ée]sum[ée]s?|lay-?offs?|laid\s+off|openings?|open\s+(?:role|position)s?|
    new\s+(?:role|position|challenge|opportunit\w+)s?|(?:role|position|opportunit\w+)s?\s+(?:in|as|at)|referrals?|
    apply(?:ing)?\s+(?:at|to|for)|freelance\s+work|looking\s+for\s+work|seeking\s+work|open\s+to\s+work|
    placements?|promotion|apprentic\w*|
    stellen?|arbeit|arbeitssuchend\w*|jobsuche\w*|bewerb\w*|lebensl[aä]uf\w*|gehalt\w*|praktik\w*|karriere\w*|
    werkstudent\w*|ausbildung\w*|festanstellung\w*|stellenangebot\w*|
    emplois?|embauch\w*|recrut\w*|stages?|poste|chômage|carri[eè]re|salaire|
    empleos?|trabajo|trabajos|contrat\w*|vacantes?|pr[aá]cticas|curr[ií]cul\w*|carrera|
    lavoro|lavori|assun\w+|tirocini\w*|emprego\w*|trabalho|vaga|vagas|est[aá]gio\w*|
    praca|pracy|prac[eę]|zatrudni\w*|baan|banen|vacature\w*|sollicit\w*|arbete|arbejde|
    iş|kariyer\w*|staj\w*|работ\w*|ваканс\w*|стажиров\w*|карьер\w*|резюме|найм\w*|робот[аиу]|
    δουλει\w*|δουλειά\w*|εργασ\w*|עבודה|משרה|משרות|קריירה)\b
    |وظيف|وظائف|توظيف|عمل\b|سيرة|کار\b|استخدام|नौकरी|रोज़गार|चाकरी|งาน|สมัคร|việc\s+làm|tuyển\s+dụng
    |求人|求职|求職|招聘|就职|就職|转职|転職|工作|仕事|採用|履历|履歴|面试|面接|实习|實習|インターン|채용|취업|구직|이직|이력서|인턴|일자리
""", re.IGNORECASE | re.VERBOSE)


def folded(text: str) -> str:
    """Compatibility forms and case folded away: the same word looks the same."""
    return unicodedata.normalize("NFKC", text).casefold()


def mentions_work(text: str) -> bool:
    """Whether a text speaks of jobs, hiring or careers; errs on the side of yes."""
    return bool(text) and WORK.search(folded(text)) is not None


@lru_cache(maxsize=100_000)
def terms(text: str) -> tuple[str, ...]:
    """The topic words of a text: folded words without stop words, plural s dropped; character pairs where
    a script has no spaces. At most 200 a text."""
    found: list[str] = []
    text = folded(text)
    for run in UNSPACED.findall(text):
        found.extend(run[i:i + 2] for i in range(len(run) - 1)) if len(run) > 1 else found.append(run)
    for word in WORD.findall(UNSPACED.sub(" ", text)):
        if word in STOP or (len(word) < 2 and not word.isdigit()):
            continue
        if len(word) > 3 and word.isascii() and word.endswith("s") and not word.endswith("ss"):
            word = word[:-1]
        found.append(word)
    return tuple(found[:200])


def likeness(one: str, other: str) -> float:
    """Cosine of two texts' topic words, 0 to 1, without knowing any other text."""
    a, b = set(terms(one)), set(terms(other))
    return len(a & b) / (len(a) * len(b)) ** 0.5 if a and b else 0.0


def shared_phrase(theirs: str, mine: str, longest: int = 60) -> str:
    """The part of `theirs` (between commas or lines) that has most topic words in common with `mine`.

    Whole as they wrote it; empty when nothing is shared or the part is longer than `longest` characters
    and cannot be cut between words.
    """
    wanted = set(terms(mine))
    best, most = "", 0
    for part in PHRASES.split(theirs):
        score = len(wanted & set(terms(part)))
        if score > most:
            best, most = " ".join(part.split()).strip(" .!?:"), score
    if len(best) <= longest:
        return best
    return best[:longest - 1].rsplit(" ", 1)[0] + "…" if " " in best[:longest - 1] else ""


class Corpus:
    """Weighs the words of one event: TF-IDF, rows of length 1. A word that a quarter of all texts share says
    nothing there (from 50 texts on)."""

    def __init__(self, texts: Sequence[str]) -> None:
        seen = Counter(term for text in texts for term in set(terms(text)))
        written = sum(1 for text in texts if text.strip())
        most = TOO_COMMON * written if written >= MANY else written + 1
        self._columns = {term: i for i, term in enumerate(sorted(t for t, n in seen.items() if n <= most))}
        self._weights = np.array([np.log((1 + written) / (1 + seen[t])) + 1 for t in self._columns] or [1.0])

    def rows(self, texts: Sequence[str]) -> sparse.csr_array:
        """One row a text, float32, shape (texts, words)."""
        row: list[int] = []
        column: list[int] = []
        value: list[float] = []
        for i, text in enumerate(texts):
            counts = Counter(self._columns[t] for t in terms(text) if t in self._columns)
            if not counts:
                continue
            weights = np.array([(1 + np.log(n)) * self._weights[c] for c, n in counts.items()])
            row.extend([i] * len(counts))
            column.extend(counts)
            value.extend(weights / np.linalg.norm(weights))
        shape = (len(texts), max(1, len(self._columns)))
        return sparse.csr_array((np.array(value, dtype=np.float32), (row, column)), shape=shape)
