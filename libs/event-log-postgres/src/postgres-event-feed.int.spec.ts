import { eventFeedContract } from '@sallyport/event-log/testing';

import { openFeed } from './testing/open-feed.js';

eventFeedContract('the PostgreSQL event feed', openFeed);
