import type { Terminal } from '../terminal.js';

const WIDTH = 30;

/** A bar on stderr that says how far the work has come; nothing where stderr is no terminal. */
export function progressBar(terminal: Pick<Terminal, 'progress' | 'err'>, sentence: string, total: number): { readonly draw: (done: number) => void; readonly wipe: () => void } {
  let drawn = -1;
  return {
    draw: (done) => {
      const share = total === 0 ? 100 : Math.min(100, Math.floor((100 * done) / total));
      if (!terminal.progress || share === drawn) return;
      drawn = share;
      const full = Math.round((share / 100) * WIDTH);
      terminal.err(`\r\u001b[2K${sentence} [${'█'.repeat(full)}${' '.repeat(WIDTH - full)}] ${share} %`);
    },
    wipe: () => {
      if (drawn >= 0) terminal.err('\r\u001b[2K');
    },
  };
}
