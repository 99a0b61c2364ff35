import { nodeFiles, type JournalFiles, type SegmentFile } from '../journal-files.js';

/** What can be made to fail. */
export type FileOperation = 'write' | 'writeDurably' | 'sync' | 'read' | 'createSegment' | 'replaceText';

/** The real file system, until it is told to fail; and a count of what was asked of it. */
export class FailingFiles implements JournalFiles {
  /** How often each operation was asked for. */
  readonly asked: Record<FileOperation, number> = { write: 0, writeDurably: 0, sync: 0, read: 0, createSegment: 0, replaceText: 0 };
  private readonly failing = new Map<FileOperation, string>();
  private gate: Promise<void> | null = null;

  /** From now on `operation` fails with an operating system code such as `EIO`; with `null` it works again. */
  fail(operation: FileOperation, code: string | null): void {
    if (code === null) this.failing.delete(operation);
    else this.failing.set(operation, code);
  }

  /** Durable writes wait until what comes back is called. */
  holdDurableWrites(): () => void {
    let open = (): void => {};
    this.gate = new Promise((resolve) => {
      open = resolve;
    });
    return () => {
      this.gate = null;
      open();
    };
  }

  makeFolder(folder: string): void {
    nodeFiles.makeFolder(folder);
  }

  list(folder: string): readonly string[] {
    return nodeFiles.list(folder);
  }

  async createSegment(path: string, bytes: number): Promise<SegmentFile> {
    this.enter('createSegment');
    return this.wrap(await nodeFiles.createSegment(path, bytes));
  }

  async openSegment(path: string): Promise<SegmentFile> {
    return this.wrap(await nodeFiles.openSegment(path));
  }

  readText(path: string): string | null {
    return nodeFiles.readText(path);
  }

  async replaceText(path: string, text: string): Promise<void> {
    this.enter('replaceText');
    await nodeFiles.replaceText(path, text);
  }

  remove(path: string): void {
    nodeFiles.remove(path);
  }

  private wrap(file: SegmentFile): SegmentFile {
    return {
      bytes: file.bytes,
      close: () => file.close(),
      write: (bytes, at) => {
        this.enter('write');
        file.write(bytes, at);
      },
      writeDurably: async (bytes, at) => {
        await this.gate;
        this.enter('writeDurably');
        await file.writeDurably(bytes, at);
      },
      sync: async () => {
        this.enter('sync');
        await file.sync();
      },
      read: async (at, bytes) => {
        this.enter('read');
        return file.read(at, bytes);
      },
    };
  }

  private enter(operation: FileOperation): void {
    this.asked[operation] += 1;
    const code = this.failing.get(operation);
    if (code !== undefined) throw Object.assign(new Error(`${code}: made to fail, ${operation}`), { code });
  }
}
