import type { ChainReport, Finding, HeadReport } from '@sallyport/audit-chain';

import { fields, oneLine } from './table.js';

/** One run of a verification, as reports tell it. */
export interface Verification {
  /** What was asked, in words. */
  readonly task: string;
  readonly files: readonly { readonly role: string; readonly file: string; readonly bytes: number; readonly sha256: string }[];
  /** Verifier keys, as they were given. */
  readonly keys: readonly string[];
  /** RFC 3339 in UTC. */
  readonly verifiedAt: string;
  readonly report: ChainReport;
}

const KIND: Readonly<Record<Finding['kind'], string>> = {
  modified: 'modified',
  missing: 'missing',
  out_of_order: 'out of order',
  duplicate: 'duplicate',
  clock_went_back: 'clock went back',
  bad_signature: 'bad signature',
  equivocation: 'two histories',
};

const RESULT: Readonly<Record<HeadReport['result'], string>> = { same: 'the events have this head', different: 'the events do not have this head', not_compared: 'not compared' };

/** The verdict in a sentence. */
export function verdictOf({ code, findings, findingsTotal, undecided }: ChainReport): string {
  const [first] = findings;
  if (code === 1) return `Not decided: ${undecided.join(' ')}`;
  if (code === 0 || first === undefined) return 'Intact: nothing was found wrong.';
  return `Not intact: ${KIND[first.kind]}, first at event ${first.seq}; ${findingsTotal} ${findingsTotal === 1 ? 'finding' : 'findings'}.`;
}

/** For a person at a terminal. */
export function verificationText({ report, keys }: Verification): string {
  const { stream, events, trailer, heads, findings } = report;
  const notices = notesOf(report);
  const figures = fields([
    ['stream', stream ?? 'none'],
    ['events', events],
    ['from', place(report.firstSeq, report.firstTime)],
    ['to', place(report.lastSeq, report.lastTime)],
    ['root', report.root ?? 'none'],
    ['signed by', trailer?.signedBy.join(', ') ?? heads[0]?.signedBy.join(', ') ?? (keys.length === 0 ? 'not looked at' : 'nobody who is trusted')],
  ]);
  const lines = findings.map((finding) => `${oneLine(findingText(finding))}\n`).join('');
  return `${verdictOf(report)}\n${lines}${figures}${heads.map((head) => `head of ${head.size} events: ${RESULT[head.result]}\n`).join('')}${notices.map((notice) => `note: ${notice}\n`).join('')}`;
}

/** For an auditor: what was checked, with which key, the figures, and the verdict. Markdown. */
export function verificationMarkdown(verification: Verification): string {
  const { task, files, keys, verifiedAt, report } = verification;
  return [
    '# Verification of an audit log',
    `**${verdictOf(report)}** Exit code ${report.code}.`,
    `${task} Done at ${verifiedAt} on this machine alone: no server was asked.`,
    '## What was looked at',
    rows(['', 'File', 'Bytes', 'SHA-256'], files.map(({ role, file, bytes, sha256 }) => [role, code(file), String(bytes), code(sha256)])),
    '## Keys that were trusted',
    keys.length === 0 ? 'None: signatures were not looked at.' : rows(['Key', 'From'], [...keys.map((key) => [code(key), 'given']), ...report.announcedKeys.map(({ vkey, seq, keyEpoch }) => [code(vkey), `announced in event ${seq}, epoch ${keyEpoch}`])]),
    '## Figures',
    rows(['', ''], figuresOf(report)),
    '## Signed heads',
    report.heads.length === 0 ? 'None.' : rows(['From', 'Events', 'Root', 'Signed by', 'Witnesses', 'Result'], report.heads.map(headRow)),
    '## Findings',
    report.findings.length === 0 ? 'None.' : rows(['Event', 'What', 'Line', 'Detail'], report.findings.map(findingRow)),
    ...(report.findingsTotal > report.findings.length ? [`${report.findingsTotal - report.findings.length} more are not listed.`] : []),
    '## Notes',
    notesOf(report).map((notice) => `- ${notice}`).join('\n') || 'None.',
    '## How to repeat it',
    'Each event\'s hash is SHA-256 over a zero byte and its RFC 8785 text without `integrity.hash`; it names the hash of the event before it, and is a leaf of an RFC 9162 tree. Heads are C2SP checkpoints, signed with Ed25519.',
    '',
  ].join('\n\n');
}

/** What could not be told is a note where something was found: then it is not the verdict. */
function notesOf({ code, notices, undecided }: ChainReport): readonly string[] {
  return code === 1 ? notices : [...undecided, ...notices];
}

function figuresOf(report: ChainReport): readonly (readonly string[])[] {
  const { stream, events, lastHash, root, trailer } = report;
  return [
    ['Stream', code(stream ?? 'none')],
    ['Events', String(events)],
    ['First', place(report.firstSeq, report.firstTime)],
    ['Last', place(report.lastSeq, report.lastTime)],
    ['Hash of the last', code(lastHash ?? 'none')],
    ['Root over the events', code(root ?? 'none')],
    ...(trailer === undefined ? [] : [['Trailer', `events ${trailer.firstSeq} to ${trailer.lastSeq}, exported at ${trailer.exportedAt}, signed by ${trailer.signedBy.map(code).join(', ')}`]]),
  ];
}

function headRow({ source, size, root, signedBy, witnesses, result }: HeadReport): readonly string[] {
  const seen = witnesses.map(({ name, cosignedAt }) => `${name} at ${new Date(cosignedAt * 1_000).toISOString()}`);
  return [source, String(size), code(root), signedBy.map(code).join(', '), seen.join(', ') || 'none', RESULT[result]];
}

function findingRow(finding: Finding): readonly string[] {
  return [span(finding), KIND[finding.kind], String(finding.line ?? ''), finding.detail];
}

function findingText(finding: Finding): string {
  return `event ${span(finding)}: ${KIND[finding.kind]}: ${finding.detail}${finding.line === undefined ? '' : ` (line ${finding.line})`}`;
}

function span({ seq, toSeq }: Finding): string {
  return toSeq === undefined || toSeq === seq ? String(seq) : `${seq} to ${toSeq}`;
}

function place(seq: number | undefined, time: string | undefined): string {
  return seq === undefined ? 'none' : `event ${seq}${time === undefined ? '' : ` of ${time}`}`;
}

function rows(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => oneLine(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text.replaceAll('`', '')}\``;
}
