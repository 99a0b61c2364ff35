import { join } from 'node:path';

import { BEFORE_ALL, type JournalPosition } from './journal-position.js';
import type { JournalFiles } from './journal-files.js';

/** An admitted decision whose end is not yet in the journal. */
export interface UnendedDecision {
  readonly decisionId: string;
  readonly organisationId: string;
}

/** What a folder remembers beside its segments. */
export interface PositionState {
  /** The last generation that was begun. */
  readonly generation: number;
  /** Records up to here may have been overwritten: their segments are free. */
  readonly forgotten: JournalPosition;
  /** Records up to here are stored on the other side of the bus. */
  readonly acknowledged: JournalPosition;
  /** Admitted decisions without an end, those among them whose segments are free. */
  readonly unended: readonly UnendedDecision[];
}

/** The state of a new folder. */
export const NEW_FOLDER: PositionState = { generation: 0, forgotten: BEFORE_ALL, acknowledged: BEFORE_ALL, unended: [] };

/** The position file's name in the folder. */
export const POSITION_FILE = 'position.json';

/** Reads the state. `null`: there is none, or none that can be read. */
export function readPositionFile(files: JournalFiles, folder: string): PositionState | null {
  const text = files.readText(join(folder, POSITION_FILE));
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isPositionState(value) ? value : null;
  } catch {
    return null;
  }
}

/** Replaces the state, at once and durably. */
export async function writePositionFile(files: JournalFiles, folder: string, state: PositionState): Promise<void> {
  await files.replaceText(join(folder, POSITION_FILE), `${JSON.stringify(state)}\n`);
}

function isPositionState(value: unknown): value is PositionState {
  if (typeof value !== 'object' || value === null) return false;
  const { generation, forgotten, acknowledged, unended } = value as Record<keyof PositionState, unknown>;
  return Number.isSafeInteger(generation) && isPosition(forgotten) && isPosition(acknowledged) && Array.isArray(unended) && unended.every(isUnended);
}

function isPosition(value: unknown): value is JournalPosition {
  if (typeof value !== 'object' || value === null) return false;
  const { generation, seq } = value as Record<keyof JournalPosition, unknown>;
  return Number.isSafeInteger(generation) && Number.isSafeInteger(seq);
}

function isUnended(value: unknown): value is UnendedDecision {
  if (typeof value !== 'object' || value === null) return false;
  const { decisionId, organisationId } = value as Record<keyof UnendedDecision, unknown>;
  return typeof decisionId === 'string' && typeof organisationId === 'string';
}
