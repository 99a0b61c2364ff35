interface Answer {
  readonly __typename: string;
}

type Accepted<Of extends Answer> = Exclude<Of, { readonly __typename: 'Refusal' | 'PolicyRejected' }>;

/** What a mutation made. @throws {Error} with the refusal, so that a test that did not expect one says why. */
export function accepted<Of extends Answer>(answer: Of): Accepted<Of> {
  if (answer.__typename === 'Refusal' || answer.__typename === 'PolicyRejected') throw new Error(`refused: ${JSON.stringify(answer)}`);
  return answer as Accepted<Of>;
}

/** The code of the refusal that a mutation answered; `null` when it was accepted. */
export function refusalCode(answer: Answer & { readonly code?: string }): string | null {
  return answer.__typename === 'Refusal' || answer.__typename === 'PolicyRejected' ? (answer.code ?? '') : null;
}
