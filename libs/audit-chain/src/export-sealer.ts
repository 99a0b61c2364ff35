import { chainFault } from './chain-faults.js';
import { signTrailer, type ExportTrailer } from './export-trailer.js';
import { parseHex } from './hex.js';
import type { NoteSigner } from './signed-note.js';
import { TreeFrontier } from './tree-frontier.js';
import type { Sha256 } from './tree-hash.js';

/** Where an export begins. */
export type ExportStart = Pick<ExportTrailer, 'origin' | 'stream' | 'organisationId' | 'firstSeq' | 'prevHash'>;

/** Follows the events of an export while they are written, and makes its last line. Memory does not grow with the export. */
export class ExportSealer {
  private readonly tree: TreeFrontier;
  private next: number;

  constructor(private readonly start: ExportStart, private readonly sha256: Sha256) {
    this.tree = new TreeFrontier(sha256);
    this.next = start.firstSeq;
  }

  /** Takes the next event. @throws {Fault} `audit_chain.bad_range` when it does not follow the one before. */
  add(event: { readonly seq: number; readonly hash: string }): void {
    const leaf = parseHex(event.hash);
    if (event.seq !== this.next || leaf === undefined) throw chainFault.bad_range(`an export goes on with event ${this.next}, not with ${event.seq}`);
    this.tree.append(leaf);
    this.next += 1;
  }

  /** The signed last line, without its line feed. An export without events has one too. */
  trailerLine(end: Pick<ExportTrailer, 'exportedAt' | 'checkpoint' | 'anchor'>, signers: readonly NoteSigner[]): string {
    return signTrailer({ ...this.start, ...end, lastSeq: this.next - 1, root: this.tree.root() }, signers, this.sha256);
  }
}
