"""How often do real residents' words find the right service, before any history and with it?

366 real requests of a small city in 15 kinds, picked by the residents themselves, so noisy: nobody reaches
all of them. Five parts, each found by what the other four teach, over several shuffles with fixed seeds.
The rules that the benchmark writes hold words chosen from the names of the kinds and common sense.
Constants of the finder were chosen on other shuffles (seeds 10 to 15) than those measured here. How far a
threshold for "sure" holds without history is also measured apart: chosen on one half, reported on the other.
"""

from __future__ import annotations

import csv
import importlib
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import yaml

from benchmarks.finder_words import KINDS
from benchmarks.lines import Line, MeasurementWrong, Plan, Skipped, at, middle
from routing.coldstart import documents, words_of
from routing.finder import SMALLEST_RIVAL, SURE_WORDS, Found, find
from routing.learning import learn
from routing.model import Model
from routing.reader import load
from routing.rulebook import Rulebook
from routing.terms import stems, terms
from settings import ROOT

TEXTS = ROOT.parent / "shared" / "data" / "newport_ri" / "texts.csv"
PARTS = 5
SEEDS = (0, 1, 2, 3)
FIRST, THREE = 0.58, 0.83
COLD_FIRST, COLD_THREE = 0.437, 0.746
"""Hand-made keywords, measured on the same texts beforehand."""
PRECISE = 0.9
"""Of the texts that it calls sure, at least so many must be right."""
LEADS = (1.5, 1.75, 2.0, 2.25, 2.5, 3.0, 3.5, 4.0, 5.0)
CHOSEN_FROM, FEWEST_CHOSEN, HALVES = 0.93, 10, 100
SLOWEST_MS, LONGEST_LEARNING = 3.0, 5.0
MANY = 5000

Example = tuple[str, str]
Ranking = Sequence[str]
Method = Callable[[list[Example], list[Example]], list[Ranking]]
"""What to learn from, and what to rank -> the services of each, best first."""


def rows(plan: Plan) -> Iterator[Line]:
    """Yield how well it finds, against plain methods in the same run, and how long it takes."""
    examples = _examples()
    rulebook = _rulebook(plan.folder / "finder")
    cold = [find(rulebook, text) for text, _code in examples]
    words = _shares([_codes(one) for one in cold], examples)
    keywords = _shares([_by_keywords(rulebook, text) for text, _code in examples], examples)
    yield _against("words of the rules alone (no history)", words, "keywords counted", keywords,
                   (COLD_FIRST, COLD_THREE), is_above=True)  # fmt: skip
    shuffles = [_shuffled(examples, seed) for seed in SEEDS]
    found = [_crossed(one, _ours(rulebook)) for one in shuffles]
    ours = [
        _shares([_codes(result) for result in each], one) for each, one in zip(found, shuffles, strict=True)
    ]
    for name, method in _others().items():
        theirs = [_shares(_crossed(one, method), one) for one in shuffles]
        yield _against(f"learned, {len(SEEDS)} shuffles", _mean(ours), name, _mean(theirs), (FIRST, THREE))
    for seed, shares in zip(SEEDS, ours, strict=True):
        yield _against(f"learned, seed {seed}", shares, "", None, (FIRST, THREE))
    yield _sure(cold, examples, "no history", PRECISE)
    yield _held_out(rulebook, examples)
    for each, one, seed in zip(found, shuffles, SEEDS, strict=True):
        yield _sure(each, one, f"learned, seed {seed}", PRECISE)
    yield from _speeds(rulebook, examples)


def _examples() -> list[Example]:
    if not TEXTS.exists():
        raise Skipped(f"there are no texts at {TEXTS}")
    codes = {kind.name: kind.code for kind in KINDS}
    with TEXTS.open(encoding="utf-8", newline="") as file:
        return [(row["description"], codes[row["request_type"]]) for row in csv.DictReader(file)]


def _rulebook(folder: Path) -> Rulebook:
    """Write a small rules file with a service for each kind, and read it as any other."""
    target = {"acknowledge": "1 working day", "finish": "10 working days"}
    services = {
        kind.code: {"name": kind.name, "group": "all", "description": kind.description,
                    "words": list(kind.words), "assignee": "clerk", "location": "optional", "target": target}
        for kind in KINDS
    }  # fmt: skip
    town = {
        "name": "Newport", "jurisdiction_id": "newport.example", "timezone": "America/New_York",
        "phone": "603-555-0100", "email": "hall@newport.example", "office_hours": {"monday": "08:00-16:00"},
        "emergency": {"call": "911", "say": "Call now."},
    }  # fmt: skip
    rules = {
        "town": town,
        "departments": {"office": {"name": "Office", "head": "clerk"}},
        "people": {"clerk": {"name": "Clerk", "email": "clerk@newport.example", "department": "office"}},
        "clerk": "clerk",
        "groups": {"all": "All"},
        "services": services,
        "widgets": {"all": {"title": "Report"}},
    }
    folder.mkdir(parents=True)
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump(rules, sort_keys=False), encoding="utf-8")
    return load(path)[0]


def _shuffled(examples: list[Example], seed: int) -> list[Example]:
    order = list(examples)
    random.Random(seed).shuffle(order)
    return order


def _crossed(
    examples: list[Example], method: Callable[[list[Example], list[Example]], list[Any]]
) -> list[Any]:
    """Return the method's answer to each example, which it has never seen."""
    answers: list[Any] = [None] * len(examples)
    for part in range(PARTS):
        others = [one for place, one in enumerate(examples) if place % PARTS != part]
        answers[part::PARTS] = method(others, examples[part::PARTS])
    return answers


def _shares(rankings: Sequence[Ranking], examples: list[Example]) -> tuple[float, float]:
    """Return how often the right one came first, and how often among the first three."""
    first = fmean(code in ranking[:1] for ranking, (_, code) in zip(rankings, examples, strict=True))
    three = fmean(code in ranking[:3] for ranking, (_, code) in zip(rankings, examples, strict=True))
    return first, three


def _mean(shares: list[tuple[float, float]]) -> tuple[float, float]:
    return fmean(first for first, _ in shares), fmean(three for _, three in shares)


def _codes(found: Found) -> Ranking:
    return [code for code, _score in found.services]


def _ours(rulebook: Rulebook) -> Callable[[list[Example], list[Example]], list[Found]]:
    def method(others: list[Example], asked: list[Example]) -> list[Found]:
        model = learn(rulebook, others)
        return [find(rulebook, text, model) for text, _code in asked]

    return method


# -- what others do --


def _others() -> dict[str, Method]:
    """Return the plain methods, and TF-IDF with logistic regression where scikit-learn is there."""
    methods: dict[str, Method] = {"the most frequent": _most_frequent, "naive Bayes": _naive_bayes}
    try:
        importlib.import_module("sklearn")
    except ImportError:
        return methods
    return {**methods, "TF-IDF + logistic regression": _logistic}


def _most_frequent(others: list[Example], asked: list[Example]) -> list[Ranking]:
    ranking = [code for code, _ in Counter(code for _, code in others).most_common()]
    return [ranking for _ in asked]


def _by_keywords(rulebook: Rulebook, text: str) -> Ranking:
    said = text.casefold()
    hits = {
        service.code: sum(word.casefold() in said for word in (service.name.said(), *service.words))
        for service in rulebook.services.values()
    }
    return sorted((code for code in hits if hits[code]), key=lambda code: -hits[code])


def _naive_bayes(others: list[Example], asked: list[Example]) -> list[Ranking]:
    """Multinomial, on the stems, with one added to every count."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    texts = Counter(code for _, code in others)
    for text, code in others:
        counts[code].update(stem for stem, _ in stems(text))
    known = {stem for count in counts.values() for stem in count}
    totals = {code: sum(count.values()) + len(known) for code, count in counts.items()}

    def score(text: str, code: str) -> float:
        words = [stem for stem, _ in stems(text) if stem in known]
        return math.log(texts[code]) + sum(
            math.log((counts[code][word] + 1) / totals[code]) for word in words
        )

    return [sorted(texts, key=lambda code, text=text: -score(text, code)) for text, _ in asked]  # type: ignore[misc]


def _logistic(others: list[Example], asked: list[Example]) -> list[Ranking]:
    vectorizer = importlib.import_module("sklearn.feature_extraction.text").TfidfVectorizer(
        ngram_range=(1, 2), sublinear_tf=True
    )
    model = importlib.import_module("sklearn.linear_model").LogisticRegression(
        C=10, max_iter=300, class_weight="balanced"
    )
    model.fit(vectorizer.fit_transform([text for text, _ in others]), [code for _, code in others])
    chances = model.predict_proba(vectorizer.transform([text for text, _ in asked]))
    return [[str(model.classes_[place]) for place in row] for row in (-chances).argsort(axis=1)]


# -- lines --


def _against(
    what: str,
    ours: tuple[float, float],
    name: str,
    theirs: tuple[float, float] | None,
    goal: tuple[float, float],
    *,
    is_above: bool = False,
) -> Line:
    is_met = (
        ours[0] > goal[0] and ours[1] > goal[1] if is_above else ours[0] >= goal[0] and ours[1] >= goal[1]
    )
    return Line(
        what=what,
        ours=f"first {ours[0]:.3f}, among three {ours[1]:.3f}",
        reference=f"{name}: {theirs[0]:.3f}, {theirs[1]:.3f}" if theirs else "",
        ratio=ours[0] / theirs[0] if theirs else None,
        goal=f"{'>' if is_above else '>='} {goal[0]:.3g}, {goal[1]:.3g}",
        is_met=is_met,
        figures={"first": ours[0], "three": ours[1]},
    )


def _sure(found: list[Found], examples: list[Example], what: str, goal: float | None = None) -> Line:
    """How often it is sure, and how often it is right then and otherwise."""
    sure = [(one, code) for one, (_, code) in zip(found, examples, strict=True) if one.sure]
    if not sure:
        raise MeasurementWrong("the finder was never sure")
    right = fmean(one.services[0][0] == code for one, code in sure)
    return Line(
        what=f"sure of itself, {what}",
        ours=f"of {len(sure) / len(found):.0%} of the texts, {right:.0%} right",
        goal=f">= {goal:.0%}" if goal else "",
        is_met=right >= goal if goal else None,
        figures={"coverage": len(sure) / len(found), "precision": right},
    )


def _held_out(rulebook: Rulebook, examples: list[Example]) -> Line:
    """Choose the lead on one half of the texts and report on the other; many times, with fixed seeds."""
    judged = [_judged(rulebook, text, code) for text, code in examples]
    right = total = 0
    for seed in range(HALVES):
        order = list(judged)
        random.Random(seed).shuffle(order)
        half, rest = order[: len(order) // 2], order[len(order) // 2 :]
        lead = next((one for one in LEADS if _is_precise(half, one)), LEADS[-1])
        sure = [is_right for own_lead, is_right in rest if own_lead >= lead]
        right, total = right + sum(sure), total + len(sure)
    share, precision = total / HALVES / (len(examples) - len(examples) // 2), right / total
    return Line(
        what=f"sure, no history, lead chosen on one half, on the other ({HALVES} times)",
        ours=f"of {share:.0%} of the texts, {precision:.0%} right",
        goal=f">= {PRECISE:.0%}",
        is_met=precision >= PRECISE,
        figures={"coverage": share, "precision": precision},
    )


def _judged(rulebook: Rulebook, text: str, code: str) -> tuple[float, bool]:
    """Return how far ahead the best is where enough words spoke for it (else 0), and whether it is right."""
    shares = words_of(documents(rulebook)).shares(terms(text))
    scores = sorted(((sum(parts.values()), one) for one, parts in shares.items()), reverse=True)
    (best, first), (second, _other) = scores[0], scores[1]
    spoke = sum(term.startswith("w:") for term in shares[first])
    return (best / max(second, SMALLEST_RIVAL) if spoke >= SURE_WORDS else 0.0), first == code


def _is_precise(judged: list[tuple[float, bool]], lead: float) -> bool:
    sure = [is_right for own_lead, is_right in judged if own_lead >= lead]
    return len(sure) >= FEWEST_CHOSEN and fmean(sure) >= CHOSEN_FROM


def _speeds(rulebook: Rulebook, examples: list[Example]) -> Iterator[Line]:
    chance = random.Random(5)
    many = [
        (f"{chance.choice(examples)[0]} {chance.choice(examples)[0]}", chance.choice(examples)[1])
        for _ in range(MANY)
    ]
    began = time.perf_counter()
    model = learn(rulebook, many)
    took = time.perf_counter() - began
    yield Line(
        what=f"learning from {MANY:,} texts",
        ours=f"{took:.1f} s, {len(model.counts):,} terms, {len(model.to_json()) / 1e6:.1f} MB",
        goal=f"<= {LONGEST_LEARNING:.0f} s",
        is_met=took <= LONGEST_LEARNING,
    )
    times = sorted(_times(rulebook, examples, model))
    yield Line(
        what="finding, with that model",
        ours=f"{middle(times):.2f} ms, 99th percentile {at(times, 99):.2f} ms",
        goal=f"<= {SLOWEST_MS:.0f} ms",
        is_met=middle(times) <= SLOWEST_MS,
    )


def _times(rulebook: Rulebook, examples: list[Example], model: Model) -> Iterator[float]:
    find(rulebook, "warm up", model)
    for text, _code in examples:
        began = time.perf_counter()
        find(rulebook, text, model)
        yield (time.perf_counter() - began) * 1000
