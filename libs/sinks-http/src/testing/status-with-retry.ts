import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A `google.rpc.Status` that asks to be called again after so long, as gRPC carries it in `grpc-status-details-bin`. */
export function statusWithRetry(seconds: number, nanos = 0): Uint8Array {
  const delay = new BinaryWriter().tag(1, WireType.Varint).int64(seconds).tag(2, WireType.Varint).int32(nanos).finish();
  const info = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(delay).finish();
  const any = new BinaryWriter().tag(1, WireType.LengthDelimited).string('type.googleapis.com/google.rpc.RetryInfo').tag(2, WireType.LengthDelimited).bytes(info).finish();
  return new BinaryWriter().tag(1, WireType.Varint).int32(14).tag(3, WireType.LengthDelimited).bytes(any).finish();
}
