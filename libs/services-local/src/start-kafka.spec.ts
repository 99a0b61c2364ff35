import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { startKafka } from './start-kafka.js';

describe('a machine without Java and Maven', () => {
  const path = process.env['PATH'];
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-no-java-'));
  afterEach(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true, force: true });
  });

  it('is told what to install, or what to set instead', async () => {
    process.env['PATH'] = folder;
    await expect(startKafka({ dataFolder: folder })).rejects.toMatchObject({
      code: 'services.cannot_be_had',
      message: expect.stringMatching(/install Java 17 or newer and Maven .*, or set KAFKA_BROKERS/),
    });
  });
});
