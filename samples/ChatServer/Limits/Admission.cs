using System.Net;

namespace ChatServer;

/// <summary>How many connections there may be: of all together, and from one address, so that one stranger cannot hold them all.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class Admission(int most, int mostOfAddress)
{
    private const int BytesOfANetwork = 8; // a household gets 2^64 addresses of IPv6, and is one all the same

    private readonly Lock _gate = new(); // guards both below
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private int _count;

    public int Most => most;

    public bool TryEnter(IPAddress address)
    {
        lock (_gate)
        {
            int ofAddress = _byAddress.GetValueOrDefault(address);
            if (_count >= most || ofAddress >= mostOfAddress)
            {
                return false;
            }

            _byAddress[address] = ofAddress + 1;
            _count++;
            return true;
        }
    }

    public void Leave(IPAddress address)
    {
        lock (_gate)
        {
            _count--;
            if (--_byAddress[address] == 0)
            {
                _byAddress.Remove(address);
            }
        }
    }

    /// <summary>The address that a connection counts for: of IPv6 its network of 64 bits.</summary>
    public static IPAddress AddressOf(EndPoint? remote)
    {
        IPAddress address = remote is IPEndPoint { Address: var found } ? found : IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(Math.Min(bytes.Length, BytesOfANetwork)).Clear();
        return new IPAddress(bytes);
    }
}
