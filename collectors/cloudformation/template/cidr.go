package template

import (
	"math/big"
	"net/netip"
	"strconv"
)

// mostSubnets is how many Fn::Cidr makes at most.
const mostSubnets = 256

// subnets works out Fn::Cidr: a block, a count, and how many bits each part keeps for hosts; by default 8.
func subnets(v any) any {
	args, ok := v.([]any)
	if !ok || len(args) < 2 || len(args) > 3 {
		return Unknown{}
	}
	text, _ := ScalarText(args[0])
	block, err := netip.ParsePrefix(text)
	count, hosts := number(args[1]), 8
	if len(args) == 3 {
		hosts = number(args[2])
	}
	if err != nil || count < 1 || count > mostSubnets || hosts < 1 {
		return Unknown{}
	}
	bits := block.Addr().BitLen() - hosts
	room := bits - block.Bits()
	if room < 0 || room < 8 && count > 1<<room {
		return Unknown{}
	}
	out := make([]any, count)
	base := new(big.Int).SetBytes(block.Masked().Addr().AsSlice())
	step := new(big.Int).Lsh(big.NewInt(1), uint(hosts))
	for i := range out {
		addr, ok := netip.AddrFromSlice(base.FillBytes(make([]byte, block.Addr().BitLen()/8)))
		if !ok {
			return Unknown{}
		}
		out[i] = netip.PrefixFrom(addr, bits).String()
		base.Add(base, step)
		if base.BitLen() > block.Addr().BitLen() {
			return out[:i+1]
		}
	}
	return out
}

func number(v any) int {
	text, _ := ScalarText(v)
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}
