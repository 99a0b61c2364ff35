import { ADMIN_OBJECTS, AUDIT_EVENT_TYPES, FIELD_CATALOGUE } from '@sallyport/audit-event';
import { aChain, aFact } from '@sallyport/audit-event/testing';
import { describe, expect, it } from 'vitest';

import { appFile, parseConf, type SplunkConf } from './splunk-conf.js';

/** What may stand in each file, of what Splunk's own .spec files name. */
const KNOWN_SETTINGS: Readonly<Record<string, RegExp>> = {
  'app.conf': /^(is_configured|is_visible|label|author|description|version)$/,
  'props.conf': /^(KV_MODE|AUTO_KV_JSON|SHOULD_LINEMERGE|LINE_BREAKER|TRUNCATE|TIME_PREFIX|TIME_FORMAT|MAX_TIMESTAMP_LOOKAHEAD|(REPORT|FIELDALIAS|EVAL)-\w+)$/,
  'transforms.conf': /^(SOURCE_KEY|REGEX|FORMAT)$/,
  'macros.conf': /^(args|definition|iseval)$/,
  'savedsearches.conf': /^(description|search|dispatch\.(earliest|latest)_time)$/,
};

/** Commands, functions and words of the search language that the searches use. */
const WORDS = new Set(
  ('where OR fillnull value stats count values AS latest BY convert ctime sort table eval sum streamstats current f window last coalesce tonumber case mvindex dedup index sourcetype IN main').split(' '),
);
const OF_SPLUNK = new Set(['_time']);

/** The fields of a canonical event as Splunk's JSON extraction names them: lists end in `{}`. */
const FIELDS = new Set(FIELD_CATALOGUE.filter(({ exported }) => exported).map(({ path, type }) => path.replaceAll('[]', '{}') + (type === 'texts' ? '{}' : '')));

/** Names in a search that are neither words of the language nor made by the search itself. */
function fieldsIn(search: string): readonly string[] {
  const bare = search.replaceAll(/`[^`]*`/g, ' ').replaceAll(/"[^"]*"/g, ' ').replaceAll(/\$\w+\$/g, ' ');
  const names = [...bare.matchAll(/[A-Za-z_][\w.]*(?:\{\})?/g)].map(([name]) => name);
  const made = new Set([...[...bare.matchAll(/\bAS (\w+)/g)].map(([, name]) => name), ...[...bare.matchAll(/(?:\beval|,) (\w+)=/g)].map(([, name]) => name)]);
  return names.filter((name) => !WORDS.has(name) && !made.has(name) && !OF_SPLUNK.has(name));
}

const settingsOf = (conf: SplunkConf, stanza: string): ReadonlyMap<string, string> => conf.get(stanza) ?? new Map();
const searches = [...appFile('savedsearches.conf')].map(([name, settings]) => ({ name, search: settings.get('search') ?? '' }));

describe('the files for Splunk', () => {
  it.each(Object.entries(KNOWN_SETTINGS))('are well formed and set only what there is: %s', (file, known) => {
    const conf = appFile(file);
    expect(conf.size).toBeGreaterThan(0);
    for (const [stanza, settings] of conf) for (const key of settings.keys()) expect(key, stanza).toMatch(known);
  });

  it('name only fields that an event has, in searches, macros, aliases and evaluations', () => {
    const props = settingsOf(appFile('props.conf'), 'sallyport:audit');
    const aliased = [...props].filter(([key]) => key.startsWith('FIELDALIAS-')).map(([, value]) => value.split(' AS ')[0] ?? '');
    const evaluated = [...props].filter(([key]) => key.startsWith('EVAL-')).flatMap(([, value]) => fieldsIn(value));
    const macro = fieldsIn(settingsOf(appFile('macros.conf'), 'sallyport_audit(1)').get('definition') ?? '');
    const named = [...aliased, ...evaluated, ...macro, ...searches.flatMap(({ search }) => fieldsIn(search))];
    expect(named).toEqual(expect.arrayContaining(['actor.name', 'decision.rule_ids{}', 'counted.count', 'export.sink_name', 'admin.before_hash', 'seq']));
    expect(named.filter((name) => !FIELDS.has(name))).toEqual([]);
  });

  it('find a name that no event has', () => {
    expect(fieldsIn('`m("call.*")` | where \'decision.reason\'="x" | stats count AS calls BY actor.nom calls').filter((name) => !FIELDS.has(name))).toEqual(['decision.reason', 'actor.nom']);
    expect(() => parseConf('[a]\nsearch = x\nand more\n')).toThrow('no setting');
    expect(() => parseConf('key = x\n')).toThrow('no setting');
    expect(() => parseConf('[a]\n[a]\n')).toThrow('twice');
  });

  it('ask for types of events that there are, each through the macro', () => {
    const asked = searches.flatMap(({ name, search }) => {
      const [, types] = /^`sallyport_audit\("([^"]+)"\)` \|/.exec(search) ?? [];
      expect(types, name).toBeDefined();
      return (types ?? '').split(', ');
    });
    const known = new Set<string>([...AUDIT_EVENT_TYPES, ...ADMIN_OBJECTS.map((object) => `admin.${object}.*`), '*']);
    expect(asked.filter((type) => !known.has(type))).toEqual([]);
  });

  it('answer who was denied, who changed a grant, calls, gaps, sinks and sign-ins', () => {
    expect(searches.map(({ name }) => name)).toEqual([
      'Sallyport: who was denied, and why',
      'Sallyport: who changed which grant',
      'Sallyport: calls by identity and tool',
      'Sallyport: gaps in the numbers of a stream',
      'Sallyport: trouble with sinks and with the audit itself',
      'Sallyport: failed sign-ins',
    ]);
  });

  it('find object, verb and time in the canonical line of an event', () => {
    const [stored] = aChain(1, { factAt: (seq) => aFact({ type: 'admin.grant.policy_changed' }, seq) });
    const transforms = appFile('transforms.conf');
    const props = settingsOf(appFile('props.conf'), 'sallyport:audit');
    expect(transforms.has(props.get('REPORT-sallyport_admin') ?? '')).toBe(true);
    expect(new RegExp(settingsOf(transforms, 'sallyport_admin').get('REGEX') ?? '').exec(stored?.line ?? '')?.slice(1)).toEqual(['grant', 'policy_changed']);
    const prefixed = new RegExp(`${props.get('TIME_PREFIX')}(.{${props.get('MAX_TIMESTAMP_LOOKAHEAD')}})`).exec(stored?.line ?? '');
    expect(prefixed?.[1]).toBe(stored?.time);
  });
});
