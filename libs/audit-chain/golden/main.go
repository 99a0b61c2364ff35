// Writes notes.json: keys, notes, trees, proofs and tiles as golang.org/x/mod/sumdb makes them.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "sallyport/golden/0191f0c4-0000-7000-8000-000000000001"

type inclusion struct {
	Index int64    `json:"index"`
	Size  int64    `json:"size"`
	Proof []string `json:"proof"`
}

type consistency struct {
	Old   int64    `json:"old"`
	Size  int64    `json:"size"`
	Proof []string `json:"proof"`
}

type signed struct {
	Size  int64  `json:"size"`
	Root  string `json:"root"`
	Note  string `json:"note"`
	Twice string `json:"signed_by_both"`
}

type tile struct {
	Level  int    `json:"level"`
	Index  int64  `json:"index"`
	Width  int    `json:"width"`
	Digest string `json:"sha256_of_hashes"`
}

type golden struct {
	Seed        string        `json:"seed"`
	PublicKey   string        `json:"public_key"`
	VKey        string        `json:"vkey"`
	OtherVKey   string        `json:"other_vkey"`
	Checkpoints []signed      `json:"checkpoints"`
	Inclusion   []inclusion   `json:"inclusion"`
	Consistency []consistency `json:"consistency"`
	Tiles       []tile        `json:"tiles"`
}

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, at := range indexes {
		out = append(out, h[at])
	}
	return out, nil
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// keyOf makes a signer and its verifier key from 32 equal bytes, as the tests of the library do.
func keyOf(name string, seed byte) (note.Signer, string, ed25519.PublicKey) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
	public := private.Public().(ed25519.PublicKey)
	sum := sha256.Sum256(append([]byte(name+"\n\x01"), public...))
	hash := binary.BigEndian.Uint32(sum[:4])
	skey := fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, hash, base64.StdEncoding.EncodeToString(append([]byte{1}, private.Seed()...)))
	return must(note.NewSigner(skey)), must(note.NewEd25519VerifierKey(name, public)), public
}

func texts(proof []tlog.Hash) []string {
	out := []string{}
	for _, hash := range proof {
		out = append(out, hex.EncodeToString(hash[:]))
	}
	return out
}

func checkpoint(tree hashes, size int64, one, two note.Signer) signed {
	root := must(tlog.TreeHash(size, tree))
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root[:]))
	return signed{
		Size:  size,
		Root:  hex.EncodeToString(root[:]),
		Note:  string(must(note.Sign(&note.Note{Text: text}, one))),
		Twice: string(must(note.Sign(&note.Note{Text: text}, one, two))),
	}
}

func main() {
	one, vkey, public := keyOf(origin, 1)
	two, otherVKey, _ := keyOf("witness.example/two", 2)
	out := golden{Seed: "01", PublicKey: hex.EncodeToString(public), VKey: vkey, OtherVKey: otherVKey}

	var tree hashes
	const size = 70_000
	for at := int64(0); at < size; at++ {
		tree = append(tree, must(tlog.StoredHashes(at, []byte(fmt.Sprintf("entry %d", at)), tree))...)
	}
	for _, n := range []int64{0, 1, 2, 3, 7, 255, 256, 257, 1_000, 65_536, 65_537, size} {
		out.Checkpoints = append(out.Checkpoints, checkpoint(tree, n, one, two))
	}
	for _, at := range [][2]int64{{0, 1}, {0, 2}, {2, 3}, {5, 7}, {255, 256}, {256, 257}, {300, 1_000}, {65_535, 65_537}, {65_536, 65_537}, {12_345, size}, {69_999, size}} {
		out.Inclusion = append(out.Inclusion, inclusion{at[0], at[1], texts(must(tlog.ProveRecord(at[1], at[0], tree)))})
	}
	for _, at := range [][2]int64{{1, 2}, {2, 3}, {3, 7}, {4, 7}, {255, 256}, {256, 257}, {257, 1_000}, {512, 1_000}, {1_000, 65_537}, {65_536, 65_537}, {65_537, size}} {
		out.Consistency = append(out.Consistency, consistency{at[0], at[1], texts(must(tlog.ProveTree(at[1], at[0], tree)))})
	}
	for _, t := range tlog.NewTiles(8, 0, size) {
		if t.N%64 != 0 && t.W == 256 {
			continue
		}
		sum := sha256.Sum256(must(tlog.ReadTileData(t, tree)))
		out.Tiles = append(out.Tiles, tile{t.L, t.N, t.W, hex.EncodeToString(sum[:])})
	}
	os.Stdout.Write(append(must(json.MarshalIndent(out, "", "  ")), '\n'))
}
