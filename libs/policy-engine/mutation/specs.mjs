// What specs import from vitest and fast-check, for one process that runs them many times: they are collected once, and each test is a function.
import { relative } from 'node:path';
import { format } from 'node:util';
import fastCheck from 'fast-check';
import { chai } from 'vitest';

/** @type {Map<string, { id: string, name: string, file: string, run: () => unknown }>} */
const tests = new Map();
let names = [];
let file = '';

/** Loads a spec. @returns what it declared joins `collected()`. */
export async function collect(path, load) {
  file = relative(process.cwd(), path);
  names = [];
  await load();
}

/** Every test by its id: the file and the full name, with a number where two are alike. */
export const collected = () => tests;

function declare(name, run) {
  const full = [...names, name].join(' ');
  let id = `${file}#${full}`;
  for (let copy = 2; tests.has(id); copy += 1) id = `${file}#${full} (${copy})`;
  tests.set(id, { id, name: full, file, run });
}

const each = (one) => (rows) => (name, ...given) => {
  const run = functionOf(given);
  for (const row of rows) {
    const values = Array.isArray(row) ? row : [row];
    one(format(name, ...values.slice(0, name.split('%').length - 1)), () => run(...values));
  }
};

/** What is given after a name: options, which have no meaning here, and a function. */
const functionOf = (given) => given.find((each) => typeof each === 'function');
const test = (name, ...given) => declare(name, functionOf(given));
const group = (name, ...given) => {
  names = [...names, name];
  functionOf(given)();
  names = names.slice(0, -1);
};

export const it = Object.assign(test, { each: each(test) });
export const describe = Object.assign(group, { each: each(group) });
export const expect = chai.expect;

/** Fewer runs of each property, the same ones each time, so that a figure does not hang on luck or on how busy the machine is. */
const MOST_RUNS = 40;
const assert = (property, given) => fastCheck.assert(property, { ...given, numRuns: Math.min(given?.numRuns ?? 100, MOST_RUNS), seed: 20261121, endOnFailure: true });
export const fc = { ...fastCheck, assert };
export { fc as default };
