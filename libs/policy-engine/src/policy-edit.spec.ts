import { describe, expect, it } from 'vitest';

import { applyPolicyEdit, type PolicyEdit } from './policy-edit.js';

const document = { version: '1', hide: ['a', 'b', 'c'], tools: { 'x/y': { limits: [{ max: 1 }] }, 'p~q': {} } };
const edited = (...edit: PolicyEdit) => applyPolicyEdit(document, edit);

describe('an edit', () => {
  it.each<[string, PolicyEdit, unknown]>([
    ['adds a member', [{ op: 'add', path: '/mode', value: 'shadow' }], { ...document, mode: 'shadow' }],
    ['adds within a member whose name is escaped', [{ op: 'add', path: '/tools/x~1y/record', value: 'full' }], { ...document, tools: { ...document.tools, 'x/y': { limits: [{ max: 1 }], record: 'full' } } }],
    ['replaces a member whose name is escaped', [{ op: 'replace', path: '/tools/p~0q', value: { reason: 'r' } }], { ...document, tools: { ...document.tools, 'p~q': { reason: 'r' } } }],
    ['replaces within a list', [{ op: 'replace', path: '/tools/x~1y/limits/0/max', value: 2 }], { ...document, tools: { ...document.tools, 'x/y': { limits: [{ max: 2 }] } } }],
    ['replaces an item', [{ op: 'replace', path: '/hide/1', value: 'z' }], { ...document, hide: ['a', 'z', 'c'] }],
    ['replaces the whole', [{ op: 'replace', path: '', value: {} }], {}],
    ['inserts before an item', [{ op: 'add', path: '/hide/1', value: 'z' }], { ...document, hide: ['a', 'z', 'b', 'c'] }],
    ['inserts at the end', [{ op: 'add', path: '/hide/3', value: 'z' }], { ...document, hide: ['a', 'b', 'c', 'z'] }],
    ['appends', [{ op: 'add', path: '/hide/-', value: 'z' }], { ...document, hide: ['a', 'b', 'c', 'z'] }],
    ['removes a member', [{ op: 'remove', path: '/hide' }], { version: '1', tools: document.tools }],
    ['removes an item', [{ op: 'remove', path: '/hide/0' }], { ...document, hide: ['b', 'c'] }],
    ['moves a member', [{ op: 'move', from: '/tools/p~0q', path: '/tools/r' }], { ...document, tools: { 'x/y': { limits: [{ max: 1 }] }, r: {} } }],
    ['moves an item', [{ op: 'move', from: '/hide/2', path: '/hide/0' }], { ...document, hide: ['c', 'a', 'b'] }],
    ['adds a member in the place of another', [{ op: 'add', path: '/version', value: '2' }], { ...document, version: '2' }],
    ['adds the whole', [{ op: 'add', path: '', value: [1] }], [1]],
    ['moves a member into a list', [{ op: 'move', from: '/version', path: '/hide/-' }], { hide: ['a', 'b', 'c', '1'], tools: document.tools }],
    ['moves an item out of a list', [{ op: 'move', from: '/tools/x~1y/limits/0', path: '/first' }], { ...document, tools: { ...document.tools, 'x/y': { limits: [] } }, first: { max: 1 } }],
    ['does nothing', [], document],
    ['does one operation after the other', [{ op: 'remove', path: '/hide/0' }, { op: 'replace', path: '/hide/0', value: 'z' }], { ...document, hide: ['z', 'c'] }],
  ])('%s', (_, edit, result) => {
    expect(edited(...edit)).toEqual(result);
    expect(document.hide).toEqual(['a', 'b', 'c']);
  });

  it.each<[string, PolicyEdit]>([
    ['replace a member that is not there', [{ op: 'replace', path: '/mode', value: 'shadow' }]],
    ['remove a member that is not there', [{ op: 'remove', path: '/mode' }]],
    ['remove what every object has', [{ op: 'remove', path: '/toString' }]],
    ['go into what every object has', [{ op: 'add', path: '/constructor/name', value: 1 }]],
    ['go into a member that is not there', [{ op: 'add', path: '/all_tools/limits', value: [] }]],
    ['go into a text', [{ op: 'add', path: '/version/0', value: 1 }]],
    ['replace an item that is not there', [{ op: 'replace', path: '/hide/3', value: 'z' }]],
    ['remove an item that is not there', [{ op: 'remove', path: '/hide/3' }]],
    ['insert beyond the end', [{ op: 'add', path: '/hide/4', value: 'z' }]],
    ['go into an item that is not there', [{ op: 'add', path: '/tools/x~1y/limits/1/max', value: 2 }]],
    ['move what is not there', [{ op: 'move', from: '/mode', path: '/hide' }]],
    ['move what every object has', [{ op: 'move', from: '/toString', path: '/hide' }]],
    ['move an item of no list', [{ op: 'move', from: '/version/0', path: '/hide' }]],
    ['name an item by what is no index', [{ op: 'replace', path: '/hide/', value: 'z' }]],
    ['name an item with a zero before', [{ op: 'replace', path: '/hide/01', value: 'z' }]],
    ['insert an item by a name', [{ op: 'add', path: '/hide/x', value: 'z' }]],
    ['replace what comes after the end', [{ op: 'replace', path: '/hide/-', value: 'z' }]],
    ['move an item by what is no index', [{ op: 'move', from: '/hide/', path: '/mode' }]],
    ['move into a member that is not there', [{ op: 'move', from: '/hide', path: '/all_tools/hide' }]],
    ['move a member into itself', [{ op: 'move', from: '/tools', path: '/tools/x~1y/tools' }]],
    ['go into null', [{ op: 'add', path: '/hide/0/x', value: 1 }]],
    ['go on after one that does not fit', [{ op: 'remove', path: '/mode' }, { op: 'remove', path: '/hide' }]],
  ])('does not fit a document where it would %s', (_, edit) => {
    expect(edited(...edit)).toBeUndefined();
  });
});
