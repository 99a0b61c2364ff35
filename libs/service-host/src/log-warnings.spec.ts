import { EventEmitter } from 'node:events';

import { pino } from 'pino';
import { describe, expect, it } from 'vitest';

import { logWarnings } from './log-warnings.js';

describe('the runtime’s warnings', () => {
  it('are logged in place of being printed, until that is undone', () => {
    const [lines, printed]: [string[], string[]] = [[], []];
    const warned = new EventEmitter().on('warning', ({ message }: Error) => void printed.push(message));
    const logging = logWarnings(warned, pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }));
    warned.emit('warning', new Error('11 listeners'));
    logging.dispose();
    warned.emit('warning', new Error('12 listeners'));
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ level: 40, event: 'runtime.warning', msg: 'the runtime warns: 11 listeners', err: { message: '11 listeners' } }]);
    expect(printed).toEqual(['12 listeners']);
  });

  it('reach the log of a process in which something warns', async () => {
    const lines: string[] = [];
    const logging = logWarnings(process, pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }));
    const warned = new Promise((resolve) => process.once('warning', resolve));
    process.emitWarning('something is odd', { type: 'OddWarning' });
    await warned;
    logging.dispose();
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ event: 'runtime.warning', err: { name: 'OddWarning', message: 'something is odd' } }]);
  });
});
