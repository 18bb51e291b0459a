"""Session tokens that we did not sign, or not for this."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import jwt

from app.accounts.tokens import REQUIRED, name_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

FORMER_KEY = b"a key of the ring before the last " * 2


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _signed(claims: dict[str, Any], key: bytes, algorithm: str = "HS256", **header: Any) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": name_of(key), **header})


class Forger:
    """Has a right token and knows our key's name; in some of its ways even our key."""

    def __init__(self, right: str, key: bytes, chance: random.Random) -> None:
        """Read the right token."""
        self._right = right
        self._key = key
        self._chance = chance
        self._claims: dict[str, Any] = jwt.decode(right, options={"verify_signature": False})
        self._ways: tuple[Callable[[], str], ...] = (
            self._unsigned,
            self._other_key,
            self._other_algorithm,
            self._told_key,
            self._wrong_claim,
            self._missing_claim,
            self._over,
            self._other_session,
            self._spoilt,
            self._noise,
        )

    def forged(self, number: int) -> str:
        """Return the forgery of this number; ways take turns."""
        return self._ways[number % len(self._ways)]()

    def _unsigned(self) -> str:
        algorithm = self._chance.choice(["none", "None", "NONE", "nOnE", ""])
        header = {"alg": algorithm, "typ": "JWT", "kid": name_of(self._key)}
        signature = self._chance.choice(["", "AA", self._right.rpartition(".")[2]])
        return f"{_part(header)}.{_part(self._claims)}.{signature}"

    def _other_key(self) -> str:
        key = self._chance.choice([FORMER_KEY, self._chance.randbytes(48), name_of(self._key).encode() * 4])
        return _signed(self._claims, key, kid=self._chance.choice([name_of(self._key), name_of(key), "", "0"]))

    def _other_algorithm(self) -> str:
        return _signed(self._claims, self._key * 2, self._chance.choice(["HS384", "HS512"]), kid=name_of(self._key))

    def _told_key(self) -> str:
        """Tell which key to check with: a file, a query, an address, the key itself."""
        key = b"attacker's own key, long enough for any of it"
        told: dict[str, Any] = self._chance.choice(
            [
                {"kid": "../../../../dev/null"},
                {"kid": "x' UNION SELECT 'key"},
                {"kid": "https://evil.example/key"},
                {"jku": "https://evil.example/jwks.json"},
                {"x5u": "https://evil.example/cert.pem"},
                {"jwk": {"kty": "oct", "k": base64.urlsafe_b64encode(key).decode()}},
            ]
        )
        return _signed(self._claims, key, **told)

    def _wrong_claim(self) -> str:
        """Sign with our own key what was meant for something else."""
        changes: dict[str, Any] = self._chance.choice(
            [{"aud": "reset"}, {"aud": ["x", "y"]}, {"iss": "someone"}, {"jti": "1 OR 1=1"}, {"exp": "soon"}]
        )
        return _signed(self._claims | changes, self._key)

    def _missing_claim(self) -> str:
        missing = self._chance.choice(REQUIRED)
        return _signed({name: value for name, value in self._claims.items() if name != missing}, self._key)

    def _over(self) -> str:
        return _signed(self._claims | {"exp": self._claims["iat"] - self._chance.randint(1, 10**6)}, self._key)

    def _other_session(self) -> str:
        return _signed(self._claims | {"jti": str(uuid4())}, self._key)

    def _spoilt(self) -> str:
        place = self._chance.randrange(len(self._right) - 2)
        letter = "A" if self._right[place] != "A" else "B"
        return self._right[:place] + letter + self._right[place + 1 :]

    def _noise(self) -> str:
        size = self._chance.choice([0, 1, 20, 400, 3000])
        return "".join(self._chance.choices("abcXYZ0189-_.=", k=size))
