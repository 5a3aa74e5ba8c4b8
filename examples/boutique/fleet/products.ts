export interface Product {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly cents: number;
}

export const products: readonly Product[] = [
  { id: "lantern", name: "Storm lantern", category: "home", cents: 4_950 },
  { id: "kettle", name: "Enamel kettle", category: "kitchen", cents: 3_900 },
  { id: "scarf", name: "Wool scarf", category: "clothing", cents: 2_750 },
  { id: "compass", name: "Brass compass", category: "travel", cents: 6_400 },
  { id: "mug", name: "Stoneware mug", category: "kitchen", cents: 1_250 },
  { id: "satchel", name: "Leather satchel", category: "travel", cents: 12_900 },
  { id: "blanket", name: "Linen blanket", category: "home", cents: 8_200 },
  { id: "gloves", name: "Felt gloves", category: "clothing", cents: 2_100 },
  { id: "radio", name: "Pocket radio", category: "home", cents: 5_600 },
];

/** How long one read of the catalogue's store takes. */
export const storeReadMs = 4;
