"""Work for the workers: doors of one line."""

from __future__ import annotations

from app.accounts.service import proofs
from app.foundation.languages import ENGLISH


def send_proof(proof_id: int, language: str = ENGLISH) -> None:
    proofs.send(proof_id, language)


def send_waiting() -> None:
    proofs.send_waiting()


def forget_old_proofs() -> None:
    proofs.forget_old()
