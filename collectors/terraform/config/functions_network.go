package config

import (
	"errors"
	"math/big"
	"net"
	"net/netip"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// network is a CIDR block as numbers.
type network struct {
	base  *big.Int // address with the host part zero
	ones  int      // length of the prefix
	width int      // bits of an address
}

var errNetwork = errors.New("it does not fit into the network")

func parseNetwork(s string) (network, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return network{}, errors.New("not a network in CIDR notation")
	}
	p = p.Masked()
	return network{new(big.Int).SetBytes(p.Addr().AsSlice()), p.Bits(), p.Addr().BitLen()}, nil
}

// address writes a number as an address.
func (n network) address(number *big.Int) (netip.Addr, error) {
	if number.Sign() < 0 || number.BitLen() > n.width {
		return netip.Addr{}, errNetwork
	}
	addr, ok := netip.AddrFromSlice(number.FillBytes(make([]byte, n.width/8)))
	if !ok {
		return netip.Addr{}, errNetwork
	}
	return addr, nil
}

// size is the number of addresses in a block with a prefix of this length.
func (n network) size(ones int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(n.width-ones)) }

// host returns an address by its number in the network, from the end if it is negative.
func (n network) host(number *big.Int) (netip.Addr, error) {
	if number.Sign() < 0 {
		number = new(big.Int).Add(n.size(n.ones), number)
	}
	if number.Sign() < 0 || number.Cmp(n.size(n.ones)) >= 0 {
		return netip.Addr{}, errNetwork
	}
	return n.address(new(big.Int).Add(n.base, number))
}

// subnet returns the block of a number among those whose prefix is longer by some bits.
func (n network) subnet(bits int, number *big.Int) (network, error) {
	ones := n.ones + bits
	if bits < 0 || ones > n.width || number.Sign() < 0 || number.BitLen() > bits {
		return network{}, errNetwork
	}
	offset := new(big.Int).Mul(n.size(ones), number)
	return network{offset.Add(offset, n.base), ones, n.width}, nil
}

func (n network) text() (string, error) {
	addr, err := n.address(n.base)
	if err != nil {
		return "", err
	}
	return netip.PrefixFrom(addr, n.ones).String(), nil
}

// subnets returns blocks one after the other, each with a prefix longer by some bits.
func (n network) subnets(bits []int) ([]cty.Value, error) {
	next := new(big.Int).Set(n.base)
	end := new(big.Int).Add(n.base, n.size(n.ones))
	var list []cty.Value
	for _, b := range bits {
		ones := n.ones + b
		if b < 1 || ones > n.width {
			return nil, errNetwork
		}
		size := n.size(ones)
		if over := new(big.Int).Mod(next, size); over.Sign() > 0 {
			next.Add(next, size).Sub(next, over)
		}
		text, err := network{next, ones, n.width}.text()
		if err != nil {
			return nil, err
		}
		if next.Add(next, size); next.Cmp(end) > 0 {
			return nil, errNetwork
		}
		list = append(list, cty.StringVal(text))
	}
	return list, nil
}

func networkFunctions() map[string]function.Function {
	return map[string]function.Function{
		"cidrhost": networkFunction(1, func(n network, numbers []*big.Int) (string, error) {
			addr, err := n.host(numbers[0])
			if err != nil {
				return "", err
			}
			return addr.String(), nil
		}),
		"cidrnetmask": networkFunction(0, func(n network, _ []*big.Int) (string, error) {
			if n.width != 32 {
				return "", errors.New("only IPv4 networks have a mask")
			}
			return net.IP(net.CIDRMask(n.ones, n.width)).String(), nil
		}),
		"cidrsubnet": networkFunction(2, func(n network, numbers []*big.Int) (string, error) {
			if !numbers[0].IsInt64() || numbers[0].Int64() > 128 {
				return "", errNetwork
			}
			sub, err := n.subnet(int(numbers[0].Int64()), numbers[1])
			if err != nil {
				return "", err
			}
			return sub.text()
		}),
		"cidrsubnets":  subnetsFunction(),
		"cidrcontains": scalarFunction(2, cty.Bool, func(a []string) (cty.Value, error) { return within(a[0], a[1]) }),
	}
}

// within reports whether a network holds an address or another network.
func within(outer, inner string) (cty.Value, error) {
	o, err := netip.ParsePrefix(outer)
	if err != nil {
		return cty.NilVal, errors.New("not a network in CIDR notation")
	}
	if addr, err := netip.ParseAddr(inner); err == nil {
		return cty.BoolVal(o.Contains(addr)), nil
	}
	i, err := netip.ParsePrefix(inner)
	if err != nil {
		return cty.NilVal, errors.New("neither an address nor a network in CIDR notation")
	}
	return cty.BoolVal(i.Bits() >= o.Bits() && o.Contains(i.Masked().Addr())), nil
}

// networkFunction makes a function of a network and some whole numbers.
func networkFunction(numbers int, f func(n network, numbers []*big.Int) (string, error)) function.Function {
	params := []function.Parameter{{Name: "prefix", Type: cty.String}}
	for range numbers {
		params = append(params, function.Parameter{Name: "number", Type: cty.Number})
	}
	return function.New(&function.Spec{
		Params: params,
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
			n, list, err := networkArgs(args)
			if err != nil {
				return cty.UnknownVal(t), err
			}
			s, err := f(n, list)
			if err != nil {
				return cty.UnknownVal(t), err
			}
			return cty.StringVal(s), nil
		},
	})
}

func networkArgs(args []cty.Value) (network, []*big.Int, error) {
	n, err := parseNetwork(args[0].AsString())
	if err != nil {
		return network{}, nil, err
	}
	var list []*big.Int
	for _, a := range args[1:] {
		float := a.AsBigFloat()
		if float.IsInf() || float.MantExp(nil) > 256 {
			return network{}, nil, errNetwork
		}
		number, accuracy := float.Int(nil)
		if accuracy != big.Exact {
			return network{}, nil, errors.New("not a whole number")
		}
		list = append(list, number)
	}
	return n, list, nil
}

func subnetsFunction() function.Function {
	return function.New(&function.Spec{
		Params:   []function.Parameter{{Name: "prefix", Type: cty.String}},
		VarParam: &function.Parameter{Name: "newbits", Type: cty.Number},
		Type:     function.StaticReturnType(cty.List(cty.String)),
		Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
			n, numbers, err := networkArgs(args)
			if err != nil {
				return cty.UnknownVal(t), err
			}
			bits := make([]int, len(numbers))
			for i, number := range numbers {
				if !number.IsInt64() || number.Int64() > 128 {
					return cty.UnknownVal(t), errNetwork
				}
				bits[i] = int(number.Int64())
			}
			list, err := n.subnets(bits)
			switch {
			case err != nil:
				return cty.UnknownVal(t), err
			case len(list) == 0:
				return cty.ListValEmpty(cty.String), nil
			}
			return cty.ListVal(list), nil
		},
	})
}
