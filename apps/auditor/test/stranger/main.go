// Stranger reads logs in the way of C2SP's tlog-tiles with the Go project's own packages for transparency logs, and
// with no line of ours: what it accepts, anybody's verifier accepts.
//
// Each argument is a log's folder. It checks the checkpoint's signature by the key in log.vkey, grows the tree by the
// entries of the bundles, and compares its root and every tile. It prints a line per log, "ORIGIN SIZE", and ends with
// code 1 at the first that is wrong.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8
const tileWidth = 1 << tileHeight

func main() {
	for _, folder := range os.Args[1:] {
		origin, size, err := verify(folder)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", folder, err)
			os.Exit(1)
		}
		fmt.Println(origin, size)
	}
}

func verify(folder string) (string, int64, error) {
	origin, tree, err := openCheckpoint(folder)
	if err != nil {
		return "", 0, err
	}
	grown := hashes{}
	for first := int64(0); first < tree.N; first += tileWidth {
		if err := grown.addBundle(folder, first, tree.N); err != nil {
			return "", 0, err
		}
	}
	root, err := tlog.TreeHash(tree.N, grown)
	if err != nil {
		return "", 0, err
	}
	if root != tree.Hash {
		return "", 0, errors.New("the entries are of another tree than the checkpoint")
	}
	return origin, tree.N, verifyTiles(folder, tree.N, grown)
}

func openCheckpoint(folder string) (string, tlog.Tree, error) {
	key, err := os.ReadFile(filepath.Join(folder, "log.vkey"))
	if err != nil {
		return "", tlog.Tree{}, err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	if err != nil {
		return "", tlog.Tree{}, err
	}
	signed, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return "", tlog.Tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return "", tlog.Tree{}, err
	}
	// A checkpoint's text is that of a Go checksum database's tree head, but for the first line, the log's name.
	origin, rest, _ := strings.Cut(opened.Text, "\n")
	if origin != verifier.Name() {
		return "", tlog.Tree{}, fmt.Errorf("the checkpoint is of %q, its key of %q", origin, verifier.Name())
	}
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + rest))
	return origin, tree, err
}

// hashes are those of a tree that grows by its entries, in the order in which tlog stores them.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	read := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		read[i] = h[index]
	}
	return read, nil
}

// Entries lie in bundles beside the tiles of level 0, each behind its length in two bytes.
func (h *hashes) addBundle(folder string, first, size int64) error {
	count := size - first
	if count > tileWidth {
		count = tileWidth
	}
	rest, err := os.ReadFile(filepath.Join(folder, pathOf("entries", first/tileWidth, int(count))))
	if err != nil {
		return err
	}
	for index := first; index < first+count; index++ {
		if len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
			return fmt.Errorf("entry %d is cut short", index)
		}
		end := 2 + int(binary.BigEndian.Uint16(rest))
		stored, err := tlog.StoredHashes(index, rest[2:end], *h)
		if err != nil {
			return err
		}
		*h = append(*h, stored...)
		rest = rest[end:]
	}
	if len(rest) > 0 {
		return fmt.Errorf("the bundle of entry %d has more than its entries", first)
	}
	return nil
}

// Every tile that a tree of that size has, byte for byte.
func verifyTiles(folder string, size int64, grown hashes) error {
	for _, tile := range tlog.NewTiles(tileHeight, 0, size) {
		path := pathOf(fmt.Sprint(tile.L), tile.N, tile.W)
		kept, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil {
			return err
		}
		expected, err := tlog.ReadTileData(tile, grown)
		if err != nil {
			return err
		}
		if !bytes.Equal(kept, expected) {
			return fmt.Errorf("%s is not that of the entries", path)
		}
	}
	return nil
}

// pathOf is C2SP's path of a tile: groups of three digits, all but the last behind an "x", and ".p/W" for a partial one.
func pathOf(level string, n int64, width int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if width < tileWidth {
		path = fmt.Sprintf("%s.p/%d", path, width)
	}
	return filepath.Join("tile", level, filepath.FromSlash(path))
}
