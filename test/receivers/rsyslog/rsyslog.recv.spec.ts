import { decodeSyslog } from '@sallyport/audit-formats';
import type { SinkType } from '@sallyport/sinks';
import { relpSinkType, syslogSinkType } from '@sallyport/sinks-socket';
import { afterEach, describe, expect, it } from 'vitest';

import { configurationFor, exporting, type RunningExport } from './export-to-rsyslogd.js';
import { startRsyslogd, until, type Rsyslogd, type RsyslogInput } from './start-rsyslogd.js';

const NASTY = 'a\r\nb\nc|d=e]f"g\\h\t\u001b[31m \u202e𝄞 %s <13>1 - - - - - -';
const KINDS: readonly (readonly [RsyslogInput, SinkType])[] = [
  ['tcp', syslogSinkType],
  ['tls', syslogSinkType],
  ['relp', relpSinkType],
  ['relp+tls', relpSinkType],
];

let receiver: Rsyslogd | undefined;
let running: RunningExport | undefined;
afterEach(async () => {
  await running?.stop();
  await receiver?.stop();
  running = undefined;
  receiver = undefined;
});

async function begun(input: RsyslogInput, type: SinkType): Promise<{ receiver: Rsyslogd; running: RunningExport }> {
  receiver = await startRsyslogd(input);
  running = exporting(type, configurationFor(input, receiver));
  return { receiver, running };
}

/** The `seq` of each message, in order of arrival. */
function seqsOf(lines: readonly string[]): readonly number[] {
  return lines.map((line) => Number(/ seq="([0-9]+)"/.exec(line)?.[1]));
}

function print(sentence: string): void {
  process.stdout.write(`  · ${sentence}\n`);
}

describe.each(KINDS)('rsyslogd over %s', (input, type) => {
  it('takes every event, in order, and what it wrote reads back as the event', async () => {
    const made = await begun(input, type);
    made.running.add(1_500);
    made.running.add(20, { fact: { actor: { kind: 'agent', name: NASTY, roles: [NASTY] }, reason: NASTY, ext: { a: NASTY } } });
    await until(() => made.receiver.lines().length >= 1_520);
    const lines = made.receiver.lines();
    expect(seqsOf(lines)).toEqual(Array.from({ length: 1_520 }, (_, index) => index + 1));
    const wanted = await made.running.lines();
    for (const [index, line] of lines.entries()) expect(decodeSyslog(line)).toMatchObject({ ok: true, value: { event: JSON.parse(wanted[index] ?? '') } });
  });

  it('takes an event of more than 9 kB reduced, in one message, and nothing around it is lost', async () => {
    const made = await begun(input, type);
    made.running.add(3);
    made.running.add(1, { fact: { request: { args_excerpt: 'x'.repeat(9_000) } } });
    made.running.add(3);
    await until(() => made.receiver.lines().length >= 7);
    const lines = made.receiver.lines();
    expect(seqsOf(lines)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(Buffer.byteLength(lines[3] ?? '')).toBeLessThanOrEqual(8_192);
    expect(lines[3]).toMatch(/ sallyportTruncated="[^"]*args_excerpt[^"]*"\] \{.*\}$/);
  });

  it('is killed in the middle, comes back, and in the end has every event', async () => {
    const made = await begun(input, type);
    const count = 12_000;
    made.running.add(count);
    await until(() => made.receiver.lines().length >= 2_000);
    const { sent } = await made.running.progress();
    await made.receiver.kill();
    const before = seqsOf(made.receiver.lines());
    await made.receiver.start();
    await until(() => seqsOf(made.receiver.lines().slice(-50)).includes(count) && new Set(seqsOf(made.receiver.lines())).size >= count);
    const after = seqsOf(made.receiver.lines());
    const gapAtRestart = (after[before.length] ?? 0) - (before.at(-1) ?? 0) - 1;
    print(`${input}: killed with ${before.length} on its disk and ${sent} told delivered; after the restart it went on at seq ${after[before.length]} (${gapAtRestart < 1 ? `${-gapAtRestart} sent again` : `gap of ${gapAtRestart}`}); in the end ${after.length} messages, ${new Set(after).size} of ${count} events, ${after.length - new Set(after).size} of them twice`);
    expect(missing(after, count)).toEqual([]);
    if (type.resendMs === 0) expect(after.length - count).toBeLessThanOrEqual(1_024);
  });
});

/** What a receiver sees lacking by `seq` alone. */
function missing(seqs: readonly number[], count: number): readonly number[] {
  const there = new Set(seqs);
  return Array.from({ length: count }, (_, index) => index + 1).filter((seq) => !there.has(seq));
}

describe('a receiver whose certificate comes from an authority that is not trusted', () => {
  it('gets nothing, and the sink says why', async () => {
    receiver = await startRsyslogd('tls');
    const configuration = configurationFor('tls', receiver);
    const { tls_ca: _left, ...settings } = configuration.settings;
    running = exporting(syslogSinkType, { ...configuration, settings });
    running.add(3);
    const { progress } = running;
    await until(async () => JSON.stringify(await progress()).includes('certificate'));
    expect(receiver.lines()).toEqual([]);
  });
});
