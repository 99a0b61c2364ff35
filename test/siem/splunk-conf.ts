import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Settings by stanza, in the file's order. */
export type SplunkConf = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Reads one of the app's files. */
export function appFile(name: string): SplunkConf {
  return parseConf(readFileSync(fileURLToPath(new URL(`../../deploy/siem/splunk/sallyport_audit/default/${name}`, import.meta.url)), 'utf8'));
}

/**
 * Reads Splunk's configuration format: `[stanza]`, `key = value`, comments on lines of their own, a backslash at the end of a line that goes on.
 *
 * @throws What Splunk would pass over in silence: a line that is none of these, a setting outside of a stanza, a name that is there twice.
 */
export function parseConf(text: string): SplunkConf {
  const conf = new Map<string, Map<string, string>>();
  let settings: Map<string, string> | undefined;
  for (const line of text.replaceAll(/\\\n/g, '').split('\n')) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const stanza = /^\[(.+)\]$/.exec(line)?.[1];
    if (stanza !== undefined) {
      if (conf.has(stanza)) throw new Error(`[${stanza}] is there twice`);
      conf.set(stanza, (settings = new Map()));
      continue;
    }
    const [, key, value] = /^([A-Za-z_][\w.-]*) = (\S.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined || settings === undefined || settings.has(key)) throw new Error(`a line is no setting, or is there twice: ${line}`);
    settings.set(key, value);
  }
  return conf;
}
