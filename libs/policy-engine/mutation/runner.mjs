// Runs specs against mutants in one process: all is loaded once, and a mutant costs only the tests that reach it, the
// quickest first. vitest loads every module again for each mutant, which takes a hundred times as long.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { determineHitLimitReached, DryRunStatus, TestStatus, toMutantRunResult } from '@stryker-mutator/api/test-runner';

/** What measures time for seconds would be run again for each mutant, and a busy machine would fail it for another reason than the mutant. */
const MEASURES = /takes time in proportion|stays within its bounds|costs little (?:100|80),000/;

/** Where specs are looked for: all, or those whose path begins with one of `MUTATION_SPECS`. Fewer can only lower a figure. */
const SPECS = process.env['MUTATION_SPECS']?.split(',') ?? ['src/'];

/** Time for one mutant, as the dry run took it, quickest tests first: one that they do not kill counts as survived. */
const MOST_MS = 3_000;

/** What each test took in the dry run, for processes started later. */
const TIMES = 'mutation/times.json';

/** Stryker starts another process then, and runs the mutant there. */
const STAINED = 'a mutant left something behind';

class SpecRunner {
  #namespace = (globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {});
  #tests = new Map();
  #tookMs = new Map();
  #isFresh = true;
  #isStained = false;

  /** Mutants are active within tests alone (`ignoreStatic`), so nothing that was loaded is to be loaded again. */
  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    // The sandbox's own, which its specs import.
    const { collect, collected } = await import(pathToFileURL(resolve('mutation/specs.mjs')).href);
    this.#tests = collected();
    if (existsSync(TIMES)) this.#tookMs = new Map(JSON.parse(readFileSync(TIMES, 'utf8')));
    for (const entry of readdirSync('src', { recursive: true }).sort()) {
      const path = join('src', entry);
      if (entry.endsWith('.spec.js') && SPECS.some((begin) => path.startsWith(begin))) await collect(path, () => import(pathToFileURL(resolve(path)).href));
    }
  }

  async dryRun() {
    const tests = [];
    for (const test of this.#tests.values()) {
      if (MEASURES.test(test.name)) continue;
      this.#namespace.currentTestId = test.id;
      tests.push(await this.#run(test));
      this.#namespace.currentTestId = undefined;
    }
    this.#tookMs = new Map(tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]));
    writeFileSync(TIMES, JSON.stringify([...this.#tookMs]));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: this.#namespace.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    if (this.#isStained) throw new Error(STAINED);
    const [ns, isFresh] = [this.#namespace, this.#isFresh];
    this.#isFresh = false;
    Object.assign(ns, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    const tests = await this.#runUntilFailure(testFilter ?? [...this.#tests.keys()]);
    const timeout = determineHitLimitReached(ns.hitCount, hitLimit);
    Object.assign(ns, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined });
    const failed = tests.find(({ status }) => status === TestStatus.Failed);
    if (failed !== undefined && !(await this.#holdsUnmutated(failed.id))) this.#stained(isFresh);
    return toMutantRunResult(timeout ?? { status: DryRunStatus.Complete, tests });
  }

  async #runUntilFailure(ids) {
    const tookMs = (id) => this.#tookMs.get(id) ?? 0;
    const quickest = [...ids].sort((one, other) => tookMs(one) - tookMs(other));
    const tests = [];
    let leftMs = MOST_MS;
    for (const id of quickest) {
      leftMs -= tookMs(id);
      if (leftMs < 0 && tests.length > 0) break;
      const result = await this.#run(this.#tests.get(id));
      tests.push(result);
      if (result.status === TestStatus.Failed) break;
    }
    return tests;
  }

  async #holdsUnmutated(id) {
    return (await this.#run(this.#tests.get(id))).status === TestStatus.Success;
  }

  /** A mutant left something behind in a module. Whether this one or one before: it is told apart in a new process. */
  #stained(isFresh) {
    if (!isFresh) throw new Error(STAINED);
    this.#isStained = true;
  }

  async #run({ id, name, file, run }) {
    const startedMs = performance.now();
    const result = (status) => ({ id, name, fileName: resolve(file), timeSpentMs: performance.now() - startedMs, status });
    try {
      await run();
      return result(TestStatus.Success);
    } catch (error) {
      return { ...result(TestStatus.Failed), failureMessage: error instanceof Error ? error.message.slice(0, 500) : String(error) };
    }
  }
}

const createRunner = () => new SpecRunner();
createRunner.inject = [];

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'specs', createRunner)];
