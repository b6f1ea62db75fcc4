"""Addresses for tests and operators, not for clerks: ``/__health``, ``/__counts``, ``/__faults``."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request

from samples.townoffice.catalogue import BUSINESSES
from samples.townoffice.faults import Faults
from samples.townoffice.office import office_of

router = APIRouter()


@router.get("/__health")
async def health() -> dict[str, bool]:
    """Say that the server answers."""
    return {"ok": True}


@router.get("/__counts")
async def counts(request: Request) -> dict[str, dict[str, int]]:
    """Rows and distinct keys by business, counted in the database."""
    store = office_of(request).store
    return {code: asdict(store.count(business)) for code, business in BUSINESSES.items()}


@router.get("/__faults")
async def faults(request: Request) -> Faults:
    """The faults in force."""
    return office_of(request).faults.now


@router.post("/__faults")
async def set_faults(request: Request, wanted: Faults) -> Faults:
    """Replace all faults; a key left out is switched off."""
    office_of(request).faults.replace(wanted)
    return wanted
