import type { EventFeed, FeedSubscription } from '@sallyport/event-log';

/** Names of identities, kept up to date by following the log. */
export interface IdentityNames {
  readonly nameOf: (identityId: string) => string;
  readonly subscription: FeedSubscription;
}

/** Follows the log for names; an identity not seen yet is shown by its id. */
export function followIdentityNames(feed: EventFeed): IdentityNames {
  const names = new Map<string, string>();
  const subscription = feed.follow(
    {
      onEvents: (events) => {
        for (const { fact } of events) if (fact.type === 'identity.created') names.set(fact.data.identityId, fact.data.name);
      },
      onStamp: () => undefined,
    },
    new Map(),
  );
  return { nameOf: (identityId) => names.get(identityId) ?? identityId, subscription };
}
