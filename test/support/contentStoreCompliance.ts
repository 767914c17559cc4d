import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { refFor, refOf } from "../../workers/storage/contentRef.ts";
import type { ContentRef, ContentStore } from "../../workers/storage/contentStore.ts";
import { ContentError, ContentMissingError } from "../../workers/storage/errors.ts";

/** What a backend provides to be put through the suite. Both are called afresh in every test. */
export interface StoreUnderTest {
  /** A second view of the same content: another process's, or another client's. */
  reopen(): Promise<ContentStore>;
  /** Damages the stored root block of `ref` behind the store's back. */
  damage(ref: ContentRef): Promise<void>;
  /** Makes the root block of `ref` disappear. */
  remove(ref: ContentRef): Promise<void>;
  readonly store: ContentStore;
}

const signal = new AbortController().signal;
const mebibyte = 1 << 20;

/** Bytes without structure, the same for the same size. */
export function patternBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = size + 1;
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Runs every promise of `ContentStore` against one implementation. */
export function contentStoreCompliance(
  name: string,
  open: (test: TestContext) => Promise<StoreUnderTest>,
): void {
  describe(`ContentStore: ${name}`, () => {
    for (const size of [0, 1, mebibyte, mebibyte + 1, 3 * mebibyte + 17])
      it(`put then get, ${size} bytes, returns them under the reference known beforehand`, async (test) => {
        const { store, reopen } = await open(test);
        const bytes = patternBytes(size);
        const ref = await store.put(bytes, { signal });
        assert.deepEqual(ref, refOf(bytes));
        assert.deepEqual(refFor(ref.digest, size), ref);
        const other = await reopen();
        assert.deepEqual(Buffer.from(await other.get(ref, { maxBytes: size, signal })), Buffer.from(bytes));
        assert.equal(await other.has(ref, { signal }), true);
      });

    it("put, the same content twice and at once, gives one reference", async (test) => {
      const { store } = await open(test);
      const bytes = patternBytes(2 * mebibyte);
      const refs = await Promise.all([1, 2, 3, 4].map(() => store.put(bytes, { signal })));
      for (const ref of refs) assert.deepEqual(ref, refs[0]);
      assert.equal((await store.get(refs[0], { maxBytes: bytes.length, signal })).length, bytes.length);
    });

    it("get, content nobody stored, is retryable and missing", async (test) => {
      const { store } = await open(test);
      const ref = refOf(patternBytes(99));
      assert.equal(await store.has(ref, { signal }), false);
      await assert.rejects(
        store.get(ref, { maxBytes: 99, signal }),
        (error) =>
          error instanceof ContentMissingError && error.code === "CONTENT_MISSING" && error.retryable,
      );
    });

    it("get, more bytes than asked for, is refused", async (test) => {
      const { store } = await open(test);
      const ref = await store.put(patternBytes(100), { signal });
      await assert.rejects(
        store.get(ref, { maxBytes: 99, signal }),
        (error) => error instanceof ContentError && error.code === "CONTENT_TOO_LARGE",
      );
    });

    it("get, a reference that lies about the size, is refused", async (test) => {
      const { store } = await open(test);
      const ref = await store.put(patternBytes(100), { signal });
      for (const size of [99, 101])
        await assert.rejects(
          store.get(refFor(ref.digest, size), { maxBytes: 1000, signal }),
          (error) => error instanceof ContentError && error.code === "SIZE_MISMATCH",
          `size ${size}`,
        );
    });

    it("get, a reference whose CID and digest disagree, is refused", async (test) => {
      const { store } = await open(test);
      const ref = await store.put(patternBytes(100), { signal });
      const other = await store.put(patternBytes(101), { signal });
      await assert.rejects(
        store.get({ ...ref, cid: other.cid }, { maxBytes: 1000, signal }),
        (error) => error instanceof ContentError && error.code === "BAD_REFERENCE",
      );
    });

    for (const size of [500, 2 * mebibyte])
      it(`get, a damaged root block of ${size} bytes, reports it and put mends it`, async (test) => {
        const { store, damage } = await open(test);
        const bytes = patternBytes(size);
        const ref = await store.put(bytes, { signal });
        await damage(ref);
        assert.equal(await store.has(ref, { signal }), false);
        await assert.rejects(
          store.get(ref, { maxBytes: size, signal }),
          (error) => error instanceof ContentMissingError && error.retryable,
        );
        await store.put(bytes, { signal });
        assert.equal(await store.has(ref, { signal }), true);
      });

    it("get, a root block that disappeared, is missing until it is put again", async (test) => {
      const { store, remove } = await open(test);
      const bytes = patternBytes(1234);
      const ref = await store.put(bytes, { signal });
      await remove(ref);
      assert.equal(await store.has(ref, { signal }), false);
      await store.put(bytes, { signal });
      assert.equal(await store.has(ref, { signal }), true);
    });

    it("put, get and has, an aborted signal, reject with its reason", async (test) => {
      const { store } = await open(test);
      const bytes = patternBytes(10);
      const ref = await store.put(bytes, { signal });
      const reason = new Error("stop");
      const aborted = { signal: AbortSignal.abort(reason) };
      const isReason = (error: unknown) => error === reason;
      await assert.rejects(store.put(bytes, aborted), isReason);
      await assert.rejects(store.get(ref, { ...aborted, maxBytes: 10 }), isReason);
      await assert.rejects(store.has(ref, aborted), isReason);
    });
  });
}
