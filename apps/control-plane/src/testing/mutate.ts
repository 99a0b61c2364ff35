import { expect } from 'vitest';

import type { AskOptions, TestControlPlane } from './a-control-plane.js';

/** A mutation's answer, read loosely: tests say what they expect of it. */
export type Answer = Readonly<Record<string, unknown>> & { readonly __typename: string; readonly revision: number };

/** Sends one mutation and answers its payload or refusal; any error of GraphQL fails the test. */
export async function mutate(world: TestControlPlane, name: string, fields: string, input: Readonly<Record<string, unknown>>, options: AskOptions = {}): Promise<Answer> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const query = `mutation ($input: ${type}Input!) { answer: ${name}(input: $input) { __typename ... on ${type}Payload { revision ${fields} } ... on Refusal { code message pointer } } }`;
  const { data, errors } = await world.ask(query, { ...options, variables: { input } });
  expect(errors).toEqual([]);
  return data?.['answer'] as Answer;
}
