/** A receiver that is no address on a network, or one of everybody's, and so only the machine's operator can allow. */
export type AllowedSink =
  | {
      readonly kind: 'file';
      /** An absolute path: files may be written there and below. */
      readonly directory: string;
      /** Ids or slugs of the organisations that may; absent: all. */
      readonly organisations?: readonly string[] | undefined;
    }
  | {
      readonly kind: 'kafka';
      /** The topic that may be written to. */
      readonly topic: string;
      readonly organisations?: readonly string[] | undefined;
    };
