import sortedBTree from "sorted-btree";

// A CommonJS module: its class is the member `default` of what Node imports.
const BTree = sortedBTree.default;

export type Tree<K extends readonly (string | number)[]> = InstanceType<typeof BTree<K, string>>;

/** Compares keys part by part: texts in the order of JavaScript, numbers by size. */
function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (let index = 0; index < a.length; index += 1) {
    const [left, right] = [a[index] as string, b[index] as string];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

export function newTree<K extends readonly (string | number)[]>(): Tree<K> {
  return new BTree<K, string>(undefined, compareKeys);
}
