"""Do a resident's words in Spanish and in French find the service as English ones do?"""

import pytest

from routing.decision import emergency_words
from routing.finder import find
from tests.once import demonstration

DEMO = demonstration()[0]


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("hay un bache enorme en la calle", "pothole"),
        ("Se me ponchó la llanta en un hoyo, gracias", "pothole"),
        ("no han quitado la nieve de mi calle", "snow-ice"),
        ("la coladera está tapada y se inunda todo", "drain"),
        ("tumbaron la señal de alto de la esquina", "sign"),
        ("la luz de la calle esta fundida", "street-light"),
        ("la banqueta está rota y no pasa la silla de ruedas", "sidewalk"),
        ("no sale agua de la llave desde ayer", "water-leak"),
        ("huele a caño y hay aguas negras en mi sótano", "sewer"),
        ("No pasaron a recoger la basura el lunes", "missed-pickup"),
        ("tiraron un colchon y llantas junto al rio", "dumping"),
        ("Se cayó un arbol y bloquea la calle", "tree"),
        ("el columpio del parque está roto", "park"),
        ("un perro suelto anda por la calle y ladra", "animal"),
        ("mis vecinos tienen la música muy alta toda la noche", "noise"),
    ],
)
def test_spanish_words_rank_the_right_service_first(text: str, service: str):
    assert find(DEMO, text).services[0][0] == service


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("il y a un énorme nid-de-poule devant chez moi", "pothole"),
        ("un gros trou dans la route a crevé mon pneu, merci", "pothole"),
        ("ma rue n'est toujours pas déneigée", "snow-ice"),
        ("la rue est inondee, l'avaloir est bouché", "drain"),
        ("le panneau d’arrêt est tombé", "sign"),
        ("le lampadaire devant la maison ne s'allume plus", "street-light"),
        ("le trottoir est défoncé, la poussette ne passe pas", "sidewalk"),
        ("plus d'eau au robinet depuis ce matin", "water-leak"),
        ("ça sent mauvais et l'égout refoule dans ma cave", "sewer"),
        ("les poubelles n'ont pas été ramassées", "missed-pickup"),
        ("quelqu'un a jeté un vieux matelas au bord de la riviere", "dumping"),
        ("une grosse branche est tombée sur le chemin", "tree"),
        ("la balançoire de l'aire de jeux est cassée", "park"),
        ("un chien errant aboie toute la nuit", "animal"),
        ("musique trop forte chez les voisins, impossible de dormir", "noise"),
    ],
)
def test_french_words_rank_the_right_service_first(text: str, service: str):
    assert find(DEMO, text).services[0][0] == service


@pytest.mark.parametrize(
    "text",
    ["Hay humo y olor a gas", "se oyó una EXPLOSION", "quelqu’un est blessé", "il y a une odeur de gaz"],
)
def test_danger_is_heard_in_each_language_with_and_without_accents(text: str):
    assert emergency_words(DEMO, text)


@pytest.mark.parametrize(
    "text", ["los fuegos artificiales del vecino", "les feux d'artifice", "un chat perdu"]
)
def test_what_only_sounds_alike_is_no_danger(text: str):
    assert not emergency_words(DEMO, text)


@pytest.mark.parametrize(
    ("text", "answer", "agency"),
    [
        ("¿A qué hora abre el basurero?", "transfer-station-hours", ""),
        ("necesito un permiso para quemar ramas", "burn-permit", ""),
        ("comment obtenir un permis de brulage ?", "burn-permit", ""),
        ("hay un apagon en mi casa", "", "electric-cooperative"),
        ("panne d’électricité depuis une heure", "", "electric-cooperative"),
    ],
)
def test_answers_and_cards_are_found_too(text: str, answer: str, agency: str):
    found = find(DEMO, text)
    assert (found.answers[:1], found.agencies[:1]) == (
        (answer,) if answer else (),
        (agency,) if agency else (),
    )
