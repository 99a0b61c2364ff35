/** What the CLI sees of its process: streams, environment, working folder. */
export interface Terminal {
  readonly out: (text: string) => void;
  /** Writes bytes and waits until stdout takes more, so that long answers need no memory; absent: `out` is used. */
  readonly outBytes?: (bytes: Uint8Array) => Promise<void>;
  readonly err: (text: string) => void;
  /** Whether stdout is a terminal that may be coloured (`NO_COLOR` unset). */
  readonly colour: boolean;
  /** Whether stderr is a terminal, so that a progress line can be drawn and wiped. */
  readonly progress: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly home: string;
  readonly readStdin: () => Promise<string>;
}
