import type { JsonValue } from '@sallyport/kernel';

import { APPROVAL_DEFAULTS, type ApprovalRule } from '../document.js';
import { parseConditions } from './parse-condition.js';
import { parseDuration } from './parse-duration.js';
import { inside, listOf, objectWith, optional, textOf, wholeNumber, type DocumentPlace } from './shape.js';

const FIELDS = { known: ['if', 'approvers', 'quorum', 'expires_in', 'hold', 'message'] };
const APPROVER = /^(?:role|member):\S+$/;
const MAX_APPROVERS = 50;
const MAX_QUORUM = 10;
const LONGEST_SECONDS = 30 * 86_400;
const LONGEST_HOLD_SECONDS = 600;
const MAX_MESSAGE = 2_000;
const MAX_NAME = 256;

/** Parses `approval`; what is not written has its default. */
export function parseApproval(value: JsonValue, place: DocumentPlace): ApprovalRule | undefined {
  const object = objectWith(value, place, FIELDS);
  if (object === undefined) return undefined;
  const message = textOf(object['message'], inside(place, 'message'), MAX_MESSAGE);
  return {
    when: parseConditions(object['if'], inside(place, 'if')),
    approvers: parseApprovers(object['approvers'], inside(place, 'approvers')),
    quorum: wholeNumber(object['quorum'], inside(place, 'quorum'), { least: 1, most: MAX_QUORUM }) ?? APPROVAL_DEFAULTS.quorum,
    expiresInSeconds: parseDuration(object['expires_in'], inside(place, 'expires_in'), { least: 1, most: LONGEST_SECONDS }) ?? APPROVAL_DEFAULTS.expiresInSeconds,
    holdSeconds: parseDuration(object['hold'], inside(place, 'hold'), { least: 0, most: LONGEST_HOLD_SECONDS }) ?? APPROVAL_DEFAULTS.holdSeconds,
    ...optional('message', message),
  };
}

function parseApprovers(value: JsonValue | undefined, place: DocumentPlace): readonly string[] {
  return listOf(value, place, MAX_APPROVERS).flatMap((each, index) => parseApprover(each, inside(place, index)) ?? []);
}

function parseApprover(value: JsonValue, place: DocumentPlace): string | undefined {
  const approver = textOf(value, place, MAX_NAME);
  if (approver === undefined || APPROVER.test(approver)) return approver;
  place.findings.add('bad_value', place.pointer, 'An approver is role:<role> or member:<id or e-mail>.');
  return undefined;
}
