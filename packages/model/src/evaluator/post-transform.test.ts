import { expect, test } from "vitest";
import { POST_TRANSFORMS, postTransformDifference } from "../../test/post-transforms.ts";

test.each(POST_TRANSFORMS)(
  "%s has the bits of ONNX Runtime for random sums",
  async (_name, shape) => {
    expect(await postTransformDifference(shape, 5000, 11)).toBeUndefined();
  },
);
