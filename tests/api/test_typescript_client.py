"""A TypeScript client comes out of the description, and compiles in the strictest mode."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from app.cli.openapi import Version, document_text
from app.settings import STATIC

PROGRAMS = STATIC / "node_modules" / ".bin"
SECONDS = 180
USE = """
import { createVehicle, getVehicle, listVehicles, unblockVehicle, updateVehicle, type Vehicle } from './client';

export async function block(id: string): Promise<Vehicle | undefined> {
  const page = await listVehicles({ query: { state: ['in_service', 'blocked'], sort: '-updated_at', limit: 50 } });
  const first: Vehicle | undefined = page.data?.items[0];
  const read = await getVehicle({ path: { vehicle_id: id }, query: { fields: ['id', 'plate'] } });
  const made = await createVehicle({
    body: { make: 'Kia', market: 'EE', day_price: { amount: '41.00', currency: 'EUR' } },
    headers: { 'Idempotency-Key': 'one' },
  });
  const changed = await updateVehicle({
    path: { vehicle_id: id },
    headers: { 'If-Match': '"1"' },
    body: { colour: null, day_price: null, seats: 5 },
  });
  if (changed.error) console.log(changed.error.code, changed.error.errors?.map((error) => error.pointer));
  await unblockVehicle({ path: { vehicle_id: id } });
  return made.data ?? read.data ?? first;
}
"""
OPTIONS = {
    "compilerOptions": {
        "strict": True,
        "noEmit": True,
        "target": "ES2022",
        "module": "ESNext",
        "moduleResolution": "bundler",
        "lib": ["ES2022", "DOM", "DOM.Iterable"],
        "types": [],
    },
    "include": ["**/*.ts"],
}


@pytest.fixture(scope="module")
def programs() -> Path:
    missing = [name for name in ("openapi-ts", "tsc") if not (PROGRAMS / name).exists()]
    if missing:
        reason = f"{', '.join(missing)}: not installed; run `npm ci` in static/"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return PROGRAMS


def run(directory: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", list(Version))
def test_is_generated_and_compiles(programs, tmp_path, version):
    (tmp_path / "openapi.json").write_text(document_text(version), encoding="utf-8")
    (tmp_path / "tsconfig.json").write_text(json.dumps(OPTIONS), encoding="utf-8")
    run(tmp_path, str(programs / "openapi-ts"), "-i", "openapi.json", "-o", "client", "--no-log-file")
    (tmp_path / "use.ts").write_text(USE, encoding="utf-8")
    run(tmp_path, str(programs / "tsc"), "--project", "tsconfig.json")
