/** Octet counting (RFC 5425, 4.3; RFC 6587, 3.4.1): the message's octets in decimal, a space, the message. Lines may be in it. */
export function octetFrame(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${message.byteLength} `), message]);
}
