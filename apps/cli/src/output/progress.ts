import type { Terminal } from '../terminal.js';

const QUIET_MS = 1_000;
const ROUND_MS = 120;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Draws one line on stderr once the work takes over a second, and wipes it at the end. Nothing where stderr is not a terminal. */
export async function startProgress<Value>(terminal: Terminal, sentence: string, work: Promise<Value>): Promise<Value> {
  if (!terminal.progress) return work;
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    terminal.err(`\r${FRAMES[frame % FRAMES.length] ?? ''} ${sentence}`);
    frame += 1;
    timer = setTimeout(draw, ROUND_MS);
  };
  timer = setTimeout(draw, QUIET_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    if (frame > 0) terminal.err('\r\u001b[2K');
  }
}
