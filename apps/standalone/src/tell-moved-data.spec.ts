import { pino } from 'pino';
import { expect, it } from 'vitest';

import { jsonReporter } from './output/json-reporter.js';
import { tellMovedData } from './tell-moved-data.js';

it('says where PostgreSQL’s data went in the log, also where a script started it and its reporter has no sentences', () => {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
  const printed: string[] = [];
  tellMovedData('/root/data', '/var/lib/sallyport/1', { reporter: jsonReporter((line) => void printed.push(line)), log });
  expect(printed).toEqual([]);
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ level: 40, movedTo: '/var/lib/sallyport/1', msg: expect.stringContaining('its data lives in /var/lib/sallyport/1') }]);
});
