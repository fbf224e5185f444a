import pytest
from django.conf import settings

from apps.core.compose import differences, serves

TEXT = (settings.BASE_DIR / "docker-compose.yml").read_text()
ENVIRONMENT = {
    "POSTGRES_USER": "sam",
    "POSTGRES_PASSWORD": "p:w",
    "POSTGRES_DB": "attic",
    "POSTGRES_PORT": "5544",
}
DATABASE = {"HOST": "127.0.0.1", "PORT": 5544, "USER": "sam", "PASSWORD": "p:w", "NAME": "attic"}


def test_the_compose_file_takes_everything_from_the_environment() -> None:
    assert serves(TEXT, ENVIRONMENT) == {"USER": "sam", "PASSWORD": "p:w", "NAME": "attic", "PORT": "5544"}


def test_the_compose_file_has_defaults_for_all_but_the_password() -> None:
    assert serves(TEXT, {}) == {"USER": "rehome", "PASSWORD": "", "NAME": "rehome", "PORT": "5432"}
    assert serves(TEXT, {"POSTGRES_DB": ""})["NAME"] == "rehome"


def test_what_somebody_wrote_into_the_compose_file_counts() -> None:
    text = "\n".join(
        [
            "    environment:",
            '      POSTGRES_USER: "fixed user"',
            "      POSTGRES_PASSWORD: 'x y'",
            "      POSTGRES_DB: pre_${POSTGRES_DB}",
            "    ports:",
            '      - "127.0.0.1:6000:5432"',
        ]
    )
    assert serves(text, ENVIRONMENT) == {
        "USER": "fixed user",
        "PASSWORD": "x y",
        "NAME": "pre_attic",
        "PORT": "6000",
    }


def test_equal_settings_have_no_difference() -> None:
    assert list(differences(DATABASE, serves(TEXT, ENVIRONMENT))) == []
    assert list(differences({**DATABASE, "HOST": "localhost"}, serves(TEXT, ENVIRONMENT))) == []
    default = {**DATABASE, "PORT": ""}
    assert list(differences(default, serves(TEXT, {**ENVIRONMENT, "POSTGRES_PORT": ""}))) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"HOST": "db.example"},
            "the host is db.example in DATABASE_URL, but 127.0.0.1 in docker-compose.yml",
        ),
        ({"HOST": ""}, "the host is a socket in DATABASE_URL, but 127.0.0.1 in docker-compose.yml"),
        ({"PORT": ""}, "the port is 5432 in DATABASE_URL, but 5544 in docker-compose.yml"),
        ({"USER": "pam"}, "the user is pam in DATABASE_URL, but sam in docker-compose.yml"),
        ({"USER": ""}, "the user is none in DATABASE_URL, but sam in docker-compose.yml"),
        ({"PASSWORD": "p%3Aw"}, "the password differs"),
        ({"NAME": "cellar"}, "the database is cellar in DATABASE_URL, but attic in docker-compose.yml"),
    ],
)
def test_a_difference_is_told_without_the_password(change: dict[str, str], sentence: str) -> None:
    found = differences({**DATABASE, **change}, serves(TEXT, ENVIRONMENT))
    assert [str(difference) for difference in found] == [sentence]


def test_the_service_is_set_up_as_its_image_wants() -> None:
    assert "image: pgvector/pgvector:pg18" in TEXT
    assert "shm_size: 1g" in TEXT
    assert "data:/var/lib/postgresql\n" in TEXT
    assert 'pg_isready -U \\"$$POSTGRES_USER\\" -d \\"$$POSTGRES_DB\\"' in TEXT
    assert "profiles: [tools]" in TEXT
    assert TEXT.count("networks: [rehome]") == 2
    assert all("127.0.0.1:" in line for line in TEXT.splitlines() if line.strip().startswith('- "'))
