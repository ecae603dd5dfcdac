import base64
import hashlib
import hmac
import json
import os
import time

SECRET_KEY = os.getenv("SECRET_KEY", "change-me-in-production")


def hash_password(password: str, salt: str | None = None) -> str:
    salt = salt or os.urandom(8).hex()
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 10_000).hex()
    return f"{salt}${digest}"


def verify_password(password: str, hashed: str) -> bool:
    return hmac.compare_digest(hash_password(password, hashed.split("$")[0]), hashed)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def create_token(sub: str, minutes: int = 30) -> str:
    head = _b64(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = _b64(json.dumps({"sub": sub, "exp": time.time() + minutes * 60}).encode())
    sign = _b64(hmac.new(SECRET_KEY.encode(), f"{head}.{body}".encode(), "sha256").digest())
    return f"{head}.{body}.{sign}"


def read_token(token: str) -> str | None:
    try:
        head, body, sign = token.split(".")
        expected = _b64(hmac.new(SECRET_KEY.encode(), f"{head}.{body}".encode(), "sha256").digest())
        if not hmac.compare_digest(sign, expected):
            return None
        payload = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return payload["sub"] if payload["exp"] > time.time() else None
    except (ValueError, KeyError):
        return None
