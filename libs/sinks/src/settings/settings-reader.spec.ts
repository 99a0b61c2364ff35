import { describe, expect, it } from 'vitest';

import type { SinkConfiguration } from '../sink-type.js';
import { choice, flag, integer, list, optional, text } from './setting.js';
import { group, readConfiguration, settingsSchema } from './settings-reader.js';

const readable = {
  settings: {
    host: text({ description: 'Where to.', pattern: /^[a-z.]+$/, wanted: 'a host name' }),
    port: integer({ description: 'Its port.', min: 1, max: 65_535, fallback: 514 }),
    mode: choice({ description: 'How.', of: ['tcp', 'tls'], fallback: 'tls' }),
    tags: optional(list({ description: 'Some words.', of: text({ description: 'A word.', maxLength: 4 }), max: 2 })),
    tls: optional(group({ description: 'TLS.', of: { verify: flag({ description: 'Whether.', fallback: true }) } })),
  },
  credentials: [{ name: 'key', required: true, description: 'Write the key.' }],
  formats: ['native', 'ocsf'] as const,
};

function given(over: Partial<SinkConfiguration>): SinkConfiguration {
  return { settings: { host: 'logs.example' }, credentials: { key: 'k' }, format: 'native', formatVersion: null, ...over };
}

describe('settings', () => {
  it('are read with what is meant where nothing is given', () => {
    expect(readConfiguration(readable, given({}))).toEqual({ ok: true, value: { host: 'logs.example', port: 514, mode: 'tls', tags: null, tls: null } });
  });

  it('give every problem with its pointer at once', () => {
    const settings = { host: 'a\r\nb', port: 0, mode: 'udp', tags: ['long word', 7], tls: { verify: 1, 'a/b': 1 }, more: 1 };
    const read = readConfiguration(readable, given({ settings, credentials: { other: 'x' }, format: 'cef' }));
    const pointers = read.ok ? [] : read.refusal.map(({ pointer }) => pointer);
    expect(pointers).toEqual(['/settings/more', '/settings/host', '/settings/port', '/settings/mode', '/settings/tags/0', '/settings/tags/1', '/settings/tls/a~1b', '/settings/tls/verify', '/credentials/other', '/credentials/key', '/format']);
  });

  it('never repeat in a problem what was given', () => {
    const read = readConfiguration(readable, given({ settings: { host: 'SECRET!' } }));
    expect(JSON.stringify(read)).not.toContain('SECRET');
  });

  it('do not take members of the prototype for given', () => {
    const settings = JSON.parse('{"host":"a","__proto__":{"port":9}}') as SinkConfiguration['settings'];
    expect(readConfiguration(readable, given({ settings }))).toMatchObject({ ok: false });
  });

  it('are described by a schema that requires what has no fallback', () => {
    expect(settingsSchema(readable.settings)).toMatchObject({ required: ['host'], additionalProperties: false, properties: { port: { default: 514, description: 'Its port.' } } });
  });
});
